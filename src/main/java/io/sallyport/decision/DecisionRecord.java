package io.sallyport.decision;

import io.sallyport.identity.AppId;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.UserId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A decision as it was stored.
 *
 * @param id the ray id
 * @param sameAs the equal decision that stands for this one and has its tree; null when this is the one
 * @param repeats how many equal ones followed within the folding interval, as far as that interval is over
 * @param certificate as policies saw it: its name and which one it was
 * @param facts what the token said about the login ({@code FactSet.Captured#encode}); null without a person
 * @param tree the explanation; null in lists and where {@code sameAs} has it
 */
public record DecisionRecord(
        String id,
        Instant at,
        @Nullable String sameAs,
        int repeats,
        long version,
        AppId application,
        String applicationName,
        String applicationDomain,
        String outcome,
        String reason,
        @Nullable PolicyId policy,
        @Nullable String policyName,
        String session,
        String place,
        String method,
        String host,
        String path,
        @Nullable UserId user,
        @Nullable String email,
        @Nullable ServiceIdentity service,
        @Nullable CertificateIdentity certificate,
        String client,
        @Nullable String country,
        @Nullable IdentityNonce nonce,
        @Nullable String facts,
        @Nullable JsonNode tree) {}
