package io.sallyport.login;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Sealed states that are too long for a provider's redirect: stored in the database for all replicas, and given out
 * once.
 */
class RelayStates {
    private static final Pattern NUMBER = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final JdbcClient jdbc;
    private final Seals seals;

    RelayStates(JdbcClient jdbc, Seals seals) {
        this.jdbc = jdbc;
        this.seals = seals;
    }

    /** Stores a state and returns its id: 43 characters, of the 80 that SAML Bindings §3.4.3 allows. */
    String keep(String state, long endsEpochSecond, Instant now) {
        String number = seals.random();
        jdbc.sql("insert into saml_relay_states (id, state, expires_at) values (?, ?, ?)")
                .params(number, state, OneTimeUse.timestamp(Instant.ofEpochSecond(endsEpochSecond)))
                .update();
        jdbc.sql("""
                        delete from saml_relay_states where id in
                            (select id from saml_relay_states where expires_at < ? order by expires_at limit 20)""").param(OneTimeUse.timestamp(now)).update();
        return number;
    }

    /** The state that a RelayState contains or refers to. */
    Optional<String> state(String relayState) {
        return NUMBER.matcher(relayState).matches()
                ? jdbc.sql("delete from saml_relay_states where id = ? returning state")
                        .param(relayState)
                        .query((row, i) -> row.getString(1))
                        .optional()
                : Optional.of(relayState);
    }
}
