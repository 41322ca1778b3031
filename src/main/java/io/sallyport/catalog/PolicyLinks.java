package io.sallyport.catalog;

import jakarta.persistence.EntityManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** Which policies an application has, and in which order. */
@Transactional
public class PolicyLinks {
    private final JdbcClient jdbc;
    private final EntityManager entities;

    PolicyLinks(JdbcClient jdbc, EntityManager entities) {
        this.jdbc = jdbc;
        this.entities = entities;
    }

    /** One policy of one application; lower precedence runs first. */
    public record Link(UUID application, UUID policy, int precedence) {}

    /** The application's policies in ascending precedence. */
    public List<Link> of(UUID application) {
        entities.flush();
        return jdbc.sql("""
                        select app_id, policy_id, precedence from application_policies
                        where app_id = ? order by precedence""").param(application).query(PolicyLinks::link).list();
    }

    /** All links of these applications, by application and ascending precedence. */
    public List<Link> of(Collection<UUID> applications) {
        entities.flush();
        return applications.isEmpty()
                ? List.of()
                : jdbc.sql("""
                                select app_id, policy_id, precedence from application_policies
                                where app_id in (:ids) order by app_id, precedence""")
                        .param("ids", applications)
                        .query(PolicyLinks::link)
                        .list();
    }

    /** How many applications use each policy; policies without any are absent. */
    public Map<UUID, Integer> useCounts() {
        entities.flush();
        Map<UUID, Integer> counts = new LinkedHashMap<>();
        jdbc.sql("select policy_id, count(*) from application_policies group by policy_id")
                .query(row -> {
                    counts.put(row.getObject(1, UUID.class), row.getInt(2));
                });
        return counts;
    }

    /** The applications that use a policy. */
    public List<UUID> users(UUID policy) {
        entities.flush();
        return jdbc.sql("select app_id from application_policies where policy_id = ?")
                .param(policy)
                .query((row, number) -> row.getObject(1, UUID.class))
                .list();
    }

    /** Gives the application exactly these links. Precedences must be unique; the database checks that at commit. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void replace(UUID application, List<Link> links) {
        entities.flush();
        jdbc.sql("delete from application_policies where app_id = ?")
                .param(application)
                .update();
        add(application, links);
    }

    /** Gives an application that has none these links. */
    @Transactional(propagation = Propagation.MANDATORY)
    public void add(UUID application, List<Link> links) {
        entities.flush();
        if (!links.isEmpty()) {
            jdbc.sql("""
                            insert into application_policies (app_id, policy_id, precedence)
                            select ?, unnest(?), unnest(?)""")
                    .params(
                            application,
                            links.stream().map(Link::policy).toArray(UUID[]::new),
                            links.stream().map(Link::precedence).toArray(Integer[]::new))
                    .update();
        }
    }

    private static Link link(ResultSet row, int number) throws SQLException {
        return new Link(row.getObject(1, UUID.class), row.getObject(2, UUID.class), row.getInt(3));
    }
}
