package io.sallyport.control;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.TrailLines;
import io.sallyport.audit.TrailLines.Line;
import io.sallyport.audit.TrailLines.SignedCheckpoint;
import io.sallyport.audit.chain.ChainReport;
import io.sallyport.audit.chain.ChainVerifier;
import io.sallyport.audit.chain.Checkpoint;
import io.sallyport.audit.chain.Link;
import io.sallyport.catalog.StateFailure;
import io.sallyport.token.CheckpointKey;
import io.sallyport.token.KeyWrapper;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Signs checkpoints of the audit trail with a key that is stored encrypted, and verifies the records since the last
 * checkpoint before it signs the next. So somebody who can only write to the database cannot get a changed history
 * signed. Each checkpoint is also logged: logs leave the machine and still show it after the database was rewritten.
 */
class AuditSeals {
    private static final Logger LOG = LoggerFactory.getLogger(AuditSeals.class);
    private static final int PAGE = 500;

    private final TrailLines lines;
    private final JdbcClient jdbc;
    private final KeyWrapper wrapper;
    private final TransactionTemplate transaction;
    private final InstantSource clock;

    /** Loaded once; guarded by this object's monitor. */
    private @Nullable CheckpointKey key;

    /** The furthest position this process knows to be signed. */
    private volatile long sealed;

    /** The error that the last verification of the chain found; null when there was none. */
    private volatile @Nullable String finding;

    AuditSeals(
            TrailLines lines,
            JdbcClient jdbc,
            KeyWrapper wrapper,
            PlatformTransactionManager manager,
            InstantSource clock,
            MeterRegistry meters) {
        this.lines = lines;
        this.jdbc = jdbc;
        this.wrapper = wrapper;
        this.transaction = new TransactionTemplate(manager);
        this.clock = clock;
        Gauge.builder("sallyport.audit.tampered", this, seals -> seals.finding == null ? 0 : 1)
                .description("1 when the last look at the audit trail's chain found it changed from outside")
                .register(meters);
    }

    /** The result of the last verification, and the position up to which the chain is signed. */
    ObjectNode state() {
        String wrong = finding;
        return JsonNodeFactory.instance
                .objectNode()
                .put("status", wrong == null ? "intact" : "tampered")
                .put("finding", wrong)
                .put("position", lines.head().position())
                .put(
                        "signed_position",
                        lines.lastCheckpoint().map(SignedCheckpoint::position).orElse(0L));
    }

    /** Signs from time to time; what cannot be signed now is signed the next time. */
    @Scheduled(initialDelayString = "1m", fixedDelayString = "10m")
    void signByTheClock() {
        try {
            signPresentEnd();
        } catch (DataAccessException | TransactionException gone) {
            LOG.warn(
                    "The audit trail cannot be signed, trying again in ten minutes: {}",
                    gone.getMostSpecificCause().getMessage());
        }
    }

    /** Signs the current end of the chain if it has changed. */
    void signPresentEnd() {
        CheckpointKey signing = key();
        transaction.executeWithoutResult(status -> {
            Link head = lines.lockHead();
            Optional<SignedCheckpoint> last = lines.lastCheckpoint();
            long from = last.map(SignedCheckpoint::position).orElse(0L);
            if (from < sealed) {
                finding = "the checkpoint of record " + sealed + " is gone";
                LOG.error("The audit trail was tampered with: {}", finding);
                return;
            }
            if (head.position() == from) {
                // Nothing new was verified, so an earlier finding stays.
                return;
            }
            Checkpoint checkpoint = new Checkpoint(head, clock.instant(), false);
            String signed = signing.sign(checkpoint.payload());
            ChainReport report = check(last, signed);
            if (!report.findings().isEmpty()) {
                finding = report.findings().getFirst().message();
                LOG.error("The audit trail was tampered with, no checkpoint is signed: {}", finding);
                return;
            }
            lines.keep(checkpoint, signed);
            sealed = head.position();
            finding = null;
            LOG.info("Audit checkpoint: record {} hash {} key {}", head.position(), head.hash(), signing.kid());
        });
    }

    /** Everything from the last checkpoint to the new one, as a verifier of an export would read it. */
    private ChainReport check(Optional<SignedCheckpoint> last, String signed) {
        ChainVerifier verifier = new ChainVerifier(ours());
        last.ifPresent(checkpoint -> verifier.line(Checkpoint.line(checkpoint.jws())));
        long position = last.map(SignedCheckpoint::position).orElse(0L);
        for (List<Line> page = lines.after(position, PAGE); !page.isEmpty(); page = lines.after(position, PAGE)) {
            page.forEach(line -> verifier.line(line.text()));
            position = page.getLast().position();
        }
        verifier.line(Checkpoint.line(signed));
        return verifier.endOfPart();
    }

    /** Signs a checkpoint at this position. */
    String sign(Link link) {
        return key().sign(new Checkpoint(link, clock.instant(), false).payload());
    }

    /** Signs that an export ends here. */
    String signEnd(Link link) {
        return key().sign(new Checkpoint(link, clock.instant(), true).payload());
    }

    /** A seal that verifies our own key's signatures. */
    Checkpoint.Seal ours() {
        String kid = key().kid();
        return signed -> CheckpointKey.verify(signed)
                .filter(good -> good.kid().equals(kid))
                .map(CheckpointKey.Signed::payload);
    }

    /**
     * The key. Must not be called while holding the lock on the chain's end, because creating the key takes that lock.
     */
    CheckpointKey key() {
        synchronized (this) {
            if (key == null) {
                key = Objects.requireNonNull(transaction.execute(status -> loadOrMake()));
            }
            return key;
        }
    }

    private CheckpointKey loadOrMake() {
        lines.lockHead();
        return jdbc.sql("select kid, private_key, public_key from audit_keys")
                .query((row, number) -> open(row.getString(1), row.getBytes(2), row.getBytes(3)))
                .optional()
                .orElseGet(this::make);
    }

    private CheckpointKey make() {
        CheckpointKey made = CheckpointKey.generate();
        jdbc.sql("insert into audit_keys (kid, private_key, public_key, created_at) values (?, ?, ?, ?)")
                .param(made.kid())
                .param(wrapper.wrap(record(made.kid()), made.exposePrivateKeyBytes()))
                .param(made.publicKeyBytes())
                .param(OffsetDateTime.ofInstant(clock.instant(), ZoneOffset.UTC))
                .update();
        LOG.info(
                "The audit trail is signed by key {}; note it down where nobody who reaches this machine can",
                made.kid());
        return made;
    }

    private CheckpointKey open(String kid, byte[] privateKey, byte[] publicKey) {
        try {
            return CheckpointKey.load(wrapper.unwrap(record(kid), privateKey), publicKey);
        } catch (GeneralSecurityException wrong) {
            throw new StateFailure("the master key does not fit the audit key: " + wrong.getMessage(), wrong);
        }
    }

    private static String record(String kid) {
        return "audit-key/" + kid;
    }
}
