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
 * A stored decision.
 *
 * @param id the ray id
 * @param sameAs the earlier equal decision that has the tree; null when this one has it
 * @param repeats equal decisions that followed within the folding interval; final when the interval is over
 * @param certificate the client certificate as policies saw it
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
