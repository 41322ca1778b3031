package io.sallyport.control;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.snapshot.ConfigProblem;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotLoader;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The two kinds of work on the configuration. A write first raises the configuration version, whose row stays locked until commit:
 * writers follow each other, so what a write checks cannot change under it, and versions follow commit order. Before it
 * commits, the proposed world is compiled whole: what the gate could not run is refused here. Change, audit record and version
 * commit together or not at all (AD-06, AD-07).
 */
final class Transactions {
    private final TransactionTemplate reading;
    private final TransactionTemplate writing;
    private final ConfigVersion version;
    private final TransactionTemplate aside;
    private final EntityManager entities;
    private final SnapshotLoader loader;
    private final SnapshotCompiler compiler;

    Transactions(
            PlatformTransactionManager manager,
            ConfigVersion version,
            EntityManager entities,
            SnapshotLoader loader,
            SnapshotCompiler compiler) {
        this.reading = new TransactionTemplate(manager);
        this.reading.setReadOnly(true);
        this.reading.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.writing = new TransactionTemplate(manager);
        this.aside = new TransactionTemplate(manager);
        this.aside.setReadOnly(true);
        this.aside.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.version = version;
        this.loader = loader;
        this.compiler = compiler;
        this.entities = entities;
    }

    /** Reads one consistent state. */
    <T> T read(Supplier<T> work) {
        return Objects.requireNonNull(reading.execute(status -> work.get()));
    }

    /** Changes the configuration, as one whole. Within another write it is a part of that one, which checks when all is done. */
    <T> T write(Supplier<T> work) {
        return isWithinWrite() ? work.get() : whole(work, status -> {});
    }

    /** Whether a write is under way, of which another would be a part. */
    boolean isWithinWrite() {
        return TransactionSynchronizationManager.hasResource(this);
    }

    /** Does what a write would, refuses what it would, and takes everything back: nobody else ever sees any of it. */
    <T> T rehearse(Supplier<T> work) {
        return whole(work, TransactionStatus::setRollbackOnly);
    }

    /** The configuration version that the present write found. */
    long found() {
        return (Long) Objects.requireNonNull(TransactionSynchronizationManager.getResource(this));
    }

    /** Forgets entities that are written, so that many changes in one write do not all stay under watch. */
    void settle() {
        entities.flush();
        entities.clear();
    }

    private <T> T whole(Supplier<T> work, Consumer<TransactionStatus> ending) {
        try {
            return Objects.requireNonNull(writing.execute(status -> {
                TransactionSynchronizationManager.bindResource(this, version.bump() - 1);
                try {
                    T result = work.get();
                    entities.flush();
                    requireRunnable();
                    ending.accept(status);
                    return result;
                } finally {
                    TransactionSynchronizationManager.unbindResource(this);
                }
            }));
        } catch (DataIntegrityViolationException e) {
            throw ApiProblem.conflict("the change contradicts what is stored");
        } catch (ConcurrencyFailureException e) {
            throw ApiProblem.conflict("the object was changed at the same time");
        }
    }

    /** Refuses a write that breaks something. What was broken before it is not its fault, and may be what it repairs next. */
    private void requireRunnable() {
        List<ConfigProblem> problems = compiler.check(loader.proposed());
        if (problems.isEmpty()) {
            return;
        }
        List<ConfigProblem> known = Objects.requireNonNull(aside.execute(status -> compiler.check(loader.proposed())));
        problems.stream()
                .filter(problem -> !known.contains(problem))
                .findFirst()
                .ifPresent(problem -> {
                    throw ApiProblem.invalid(
                            problem.pointer(), problem.message() + " (" + problem.kind() + " " + problem.id() + ")");
                });
    }
}
