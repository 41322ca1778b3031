package io.sallyport.login;

import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Finds our sessions that began with a session at a provider, as {@code session.SessionLedger} recorded. */
class ProviderSessions {
    private final JdbcClient jdbc;

    ProviderSessions(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Our open sessions for a session at the provider or, when only the person is given, for all of the person's. When
     * both are given, the person's sessions for which the provider named no session id are included.
     */
    List<IdentityNonce> of(IdpId provider, @Nullable String subject, @Nullable String session) {
        return jdbc.sql("""
                        select p.nonce from provider_sessions p join open_sessions s on s.nonce = p.nonce
                         where p.idp_id = :idp
                           and (cast(:subject as text) is null or p.subject = :subject)
                           and (cast(:sid as text) is null or p.sid = :sid
                                or (p.sid is null and cast(:subject as text) is not null))""")
                .param("idp", provider.value())
                .param("subject", subject)
                .param("sid", session)
                .query((row, i) -> new IdentityNonce(row.getString(1)))
                .list();
    }
}
