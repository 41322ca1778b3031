package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who somebody is, as a provider or a one-time PIN has just proved; not yet a person with a session. */
record ProvenIdentity(
        Email email,
        @Nullable String name,
        IdpRef idp,
        String idpName,
        List<Group> groups,
        List<String> amr,
        Map<String, Object> claims,
        @Nullable Origin origin) {
    /**
     * What the provider calls the person and, if it says so, the session there: by these it may end ours (OI-14).
     *
     * @param session the claim {@code sid}
     */
    record Origin(String subject, @Nullable String session) {}

    /** Of a provider that never says when somebody signed out there. */
    ProvenIdentity(
            Email email,
            @Nullable String name,
            IdpRef idp,
            String idpName,
            List<Group> groups,
            List<String> amr,
            Map<String, Object> claims) {
        this(email, name, idp, idpName, groups, amr, claims, null);
    }
}
