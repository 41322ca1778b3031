package io.sallyport.control;

import io.sallyport.session.SessionLedger;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Takes the previous secret of a service token away when its grace is over, and ends what was issued while it counted (ST-04): a secret
 * that is refused by the clock may have been exchanged for a token of the application that lives for a day. Whichever replica comes
 * first does it.
 */
class EndedGraces {
    private static final Logger LOG = LoggerFactory.getLogger(EndedGraces.class);

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final SessionLedger sessions;
    private final InstantSource clock;

    EndedGraces(JdbcClient jdbc, TransactionOperations transactions, SessionLedger sessions, InstantSource clock) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** Ends what is due. Blocking; the scheduler calls it. */
    @Scheduled(fixedDelayString = "5s")
    void endThem() {
        try {
            transactions.executeWithoutResult(status -> ended().forEach(sessions::revokeService));
        } catch (DataAccessException | TransactionException gone) {
            LOG.warn(
                    "Expired previous secrets cannot be removed, trying again: {}",
                    gone.getMostSpecificCause().getMessage());
        }
    }

    /** Client ids of the tokens whose previous secret this call took away. */
    private List<String> ended() {
        return jdbc.sql("""
                        update service_tokens set previous_secret_hash = null
                        where previous_secret_hash is not null and previous_expires_at <= ? returning client_id""")
                .param(clock.instant().atOffset(ZoneOffset.UTC))
                .query((row, number) -> row.getString(1))
                .list();
    }
}
