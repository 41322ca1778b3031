package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpRef;
import io.sallyport.session.ProviderSession;
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
        @Nullable ProviderSession there) {
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
