package io.sallyport.control;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.Rehearsal;
import io.sallyport.snapshot.ConfigProblem;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotCompiler.Trial;
import io.sallyport.snapshot.SnapshotLoader;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.UncategorizedSQLException;
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
    private final TransactionTemplate rehearsing;
    private final TransactionTemplate aside;
    private final Rehearsal stage;
    private final PlanningPlace planning;
    private final EntityManager entities;
    private final SnapshotLoader loader;
    private final SnapshotCompiler compiler;

    Transactions(
            PlatformTransactionManager manager,
            ConfigVersion version,
            Rehearsal stage,
            EntityManager entities,
            SnapshotLoader loader,
            SnapshotCompiler compiler,
            PlanningPlace planning) {
        this.reading = new TransactionTemplate(manager);
        this.reading.setReadOnly(true);
        this.reading.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.writing = new TransactionTemplate(manager);
        this.rehearsing = new TransactionTemplate(manager);
        this.rehearsing.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.stage = stage;
        this.aside = new TransactionTemplate(manager);
        this.aside.setReadOnly(true);
        this.aside.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.version = version;
        this.loader = loader;
        this.compiler = compiler;
        this.planning = planning;
        this.entities = entities;
    }

    /** Reads one consistent state. */
    <T> T read(Supplier<T> work) {
        return Objects.requireNonNull(reading.execute(status -> work.get()));
    }

    /** Changes the configuration, as one whole. Within another write it is a part of that one, which checks when all is done. */
    <T> T write(Supplier<T> work) {
        return isWithinWrite() ? work.get() : whole(writing, this::raiseVersion, work, status -> {});
    }

    /**
     * A write that takes its time. Others write meanwhile: the version is raised last, and only if nobody has raised it since the
     * work began, so what it read and checked is still true when it becomes visible. Until then it holds nothing but what it makes
     * itself. Never a part of another write.
     *
     * @throws Moved when somebody else was faster; then nothing of it has happened
     */
    <T> T writeWithoutHurry(Supplier<T> work) {
        return whole(writing, version::watch, work, status -> {
            long begun = found();
            long now = version.bump() - 1;
            if (now != begun) {
                throw new Moved(begun, now);
            }
        });
    }

    /** The configuration is no longer the one that the work began with. */
    static final class Moved extends RuntimeException {
        /**
         * Somebody was faster.
         *
         * @param from the version the work found
         * @param to the version there is
         */
        Moved(long from, long to) {
            super("the configuration moved from version " + from + " to " + to);
        }
    }

    /** Whether a write is under way, of which another would be a part. */
    boolean isWithinWrite() {
        return TransactionSynchronizationManager.hasResource(this);
    }

    /**
     * Does what a write would, refuses what it would, shows what came of it, and takes everything back: nobody else ever sees any of it,
     * or waits for it (see {@link Rehearsal}). One at a time on a replica, and bounded, as {@link PlanningPlace} says.
     *
     * @param call who asks
     * @param look at what the change made, as rows and compiled
     */
    <M, T> T rehearse(AdminCall call, Supplier<M> change, BiFunction<M, Trial, T> look) {
        try (PlanningPlace.Stay stay = planning.enter(call)) {
            TransactionSynchronizationManager.bindResource(planning, stay);
            try {
                return whole(rehearsing, this::raiseStage, change, look, status -> {
                    stage.requireNothingTouched();
                    status.setRollbackOnly();
                });
            } finally {
                TransactionSynchronizationManager.unbindResource(planning);
            }
        }
    }

    /** The same for who looks afterwards. */
    Trial rehearse(AdminCall call, Runnable change) {
        return rehearse(
                call,
                () -> {
                    change.run();
                    return change;
                },
                (_, trial) -> trial);
    }

    /** Called between the single changes of a large one: ends a rehearsal that had its time. Writes take what they take. */
    void requireTimeLeft() {
        if (TransactionSynchronizationManager.getResource(planning) instanceof PlanningPlace.Stay stay) {
            stay.requireTimeLeft();
        }
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

    private <T> T whole(
            TransactionTemplate kind, LongSupplier opening, Supplier<T> work, Consumer<TransactionStatus> ending) {
        return whole(kind, opening, work, (result, trial) -> result, ending);
    }

    /** @param opening answers with the configuration version that the work finds */
    private <M, T> T whole(
            TransactionTemplate kind,
            LongSupplier opening,
            Supplier<M> work,
            BiFunction<M, Trial, T> look,
            Consumer<TransactionStatus> ending) {
        try {
            return Objects.requireNonNull(kind.execute(status -> {
                TransactionSynchronizationManager.bindResource(this, opening.getAsLong());
                try {
                    M made = work.get();
                    entities.flush();
                    T result = look.apply(made, requireRunnable());
                    ending.accept(status);
                    return result;
                } finally {
                    TransactionSynchronizationManager.unbindResource(this);
                }
            }));
        } catch (DataIntegrityViolationException e) {
            throw ApiProblem.conflict("the change contradicts what is stored");
        } catch (CannotAcquireLockException e) {
            throw ApiProblem.busy("another change is being made");
        } catch (ConcurrencyFailureException e) {
            throw ApiProblem.conflict("the object was changed at the same time");
        } catch (UncategorizedSQLException e) {
            throw ConfigVersion.isImpatience(e) ? ApiProblem.busy("another change is being made") : e;
        }
    }

    private long raiseVersion() {
        return version.bump() - 1;
    }

    private long raiseStage() {
        stage.raise();
        return version.current();
    }

    /** Refuses a write that breaks something. What was broken before it is not its fault, and may be what it repairs next. */
    private Trial requireRunnable() {
        Trial trial = compiler.attempt(loader.proposed());
        if (!trial.problems().isEmpty()) {
            List<ConfigProblem> known = Objects.requireNonNull(
                    aside.execute(status -> compiler.attempt(loader.proposed()).problems()));
            trial.problems().stream()
                    .filter(problem -> !known.contains(problem))
                    .findFirst()
                    .ifPresent(problem -> {
                        throw ApiProblem.invalid(
                                problem.pointer(),
                                problem.message() + " (" + problem.kind() + " " + problem.id() + ")");
                    });
        }
        return trial;
    }
}
