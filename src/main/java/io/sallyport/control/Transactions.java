package io.sallyport.control;

import io.sallyport.catalog.ConfigVersion;
import jakarta.persistence.EntityManager;
import java.util.Objects;
import java.util.function.Supplier;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The two kinds of work on the configuration. A write first raises the configuration version, whose row stays locked until commit:
 * writers follow each other, so what a write checks cannot change under it, and versions follow commit order. Change, audit record
 * and version commit together or not at all (AD-06, AD-07).
 */
final class Transactions {
    private final TransactionTemplate reading;
    private final TransactionTemplate writing;
    private final ConfigVersion version;
    private final EntityManager entities;

    Transactions(PlatformTransactionManager manager, ConfigVersion version, EntityManager entities) {
        this.reading = new TransactionTemplate(manager);
        this.reading.setReadOnly(true);
        this.reading.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        this.writing = new TransactionTemplate(manager);
        this.version = version;
        this.entities = entities;
    }

    /** Reads one consistent state. */
    <T> T read(Supplier<T> work) {
        return Objects.requireNonNull(reading.execute(status -> work.get()));
    }

    /** Changes the configuration, as one whole. */
    <T> T write(Supplier<T> work) {
        try {
            return Objects.requireNonNull(writing.execute(status -> {
                version.bump();
                T result = work.get();
                entities.flush();
                return result;
            }));
        } catch (DataIntegrityViolationException e) {
            throw ApiProblem.conflict("the change contradicts what is stored");
        } catch (ConcurrencyFailureException e) {
            throw ApiProblem.conflict("the object was changed at the same time");
        }
    }
}
