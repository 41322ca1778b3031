package io.sallyport.catalog;

import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The public destinations of applications, which a constraint of the database keeps unique.
 */
public class Destinations {
    private final JdbcClient jdbc;
    private final EntityManager entities;

    Destinations(JdbcClient jdbc, EntityManager entities) {
        this.jdbc = jdbc;
        this.entities = entities;
    }

    /** A pattern that belongs to another application: 409, code 11010. */
    public static final class Taken extends RuntimeException {
        private final String pattern;

        Taken(String pattern) {
            super(pattern + " belongs to another application");
            this.pattern = pattern;
        }

        /** The pattern, as it was asked for. */
        public String pattern() {
            return pattern;
        }
    }

    /**
     * Replaces the application's destinations, in this order; repeated ones count once.
     *
     * @param patterns host lower case, with optional path
     * @throws Taken when another application has one of them
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void claim(UUID application, List<String> patterns) {
        entities.flush();
        jdbc.sql("delete from application_destinations where app_id = ?")
                .param(application)
                .update();
        claimFirst(application, patterns);
    }

    /**
     * The same for an application that has none.
     *
     * @throws Taken when another application has one of them
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public void claimFirst(UUID application, List<String> patterns) {
        entities.flush();
        String[] wanted = patterns.stream().distinct().toArray(String[]::new);
        if (wanted.length == 0) {
            return;
        }
        List<@Nullable String> claimed =
                jdbc.sql("""
                        insert into application_destinations (pattern, app_id, position)
                        select pattern, ?, place - 1 from unnest(?) with ordinality as wanted (pattern, place)
                        on conflict (pattern) do nothing returning pattern""").params(application, wanted).query(String.class).list();
        for (String pattern : wanted) {
            if (!claimed.contains(pattern)) {
                throw new Taken(pattern);
            }
        }
    }
}
