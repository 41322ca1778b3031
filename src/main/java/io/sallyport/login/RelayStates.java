package io.sallyport.login;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Sealed states that would make a redirect too long for a provider: kept for all replicas, and handed out once. */
class RelayStates {
    private static final Pattern NUMBER = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final JdbcClient jdbc;
    private final Seals seals;

    RelayStates(JdbcClient jdbc, Seals seals) {
        this.jdbc = jdbc;
        this.seals = seals;
    }

    /** Keeps a state and gives the number it is known by: 43 characters, where SAML Bindings §3.4.3 allows 80. */
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

    /** The state that a RelayState is or stands for. */
    Optional<String> state(String relayState) {
        return NUMBER.matcher(relayState).matches()
                ? jdbc.sql("delete from saml_relay_states where id = ? returning state")
                        .param(relayState)
                        .query((row, i) -> row.getString(1))
                        .optional()
                : Optional.of(relayState);
    }
}
