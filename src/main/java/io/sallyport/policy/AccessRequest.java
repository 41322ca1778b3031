package io.sallyport.policy;

import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.ServiceIdentity;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * All inputs of a decision. Built by the gateway from the connection, the session and the snapshot; it contains nothing
 * that a client merely claims (PN-13, PN-14).
 *
 * @param client address of the socket's peer or, behind trusted proxies, the forwarded address
 * @param country ISO 3166-1 alpha-2 of the client, null when there is no geo database or it does not know
 * @param service the verified service token, if one was presented
 * @param certificate the holder of the verified client certificate, if one was presented
 */
public record AccessRequest(
        InetAddress client,
        @Nullable String country,
        @Nullable ServiceIdentity service,
        @Nullable CertificateIdentity certificate,
        Subject subject) {}
