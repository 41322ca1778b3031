package io.sallyport.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.sallyport.testkit.TestPostgres;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.data.domain.PageRequest;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.IllegalTransactionStateException;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The entities against the real schema, and the promises the schema itself keeps. */
class CatalogIT {
    private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
    private static final JsonNode BODY = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build()
            .readTree("{\"include\": [{\"everyone\": {}}], \"odd\": 1.10, \"text\": \"a 'quoted' ä\"}");

    @Configuration(proxyBeanMethods = false)
    @Import(CatalogConfiguration.class)
    @ImportAutoConfiguration({
        DataSourceAutoConfiguration.class,
        DataSourceTransactionManagerAutoConfiguration.class,
        JdbcTemplateAutoConfiguration.class,
        JdbcClientAutoConfiguration.class,
        HibernateJpaAutoConfiguration.class,
        DataJpaRepositoriesAutoConfiguration.class,
        TransactionAutoConfiguration.class
    })
    static class Slice {}

    private static TestPostgres postgres;
    private static ConfigurableApplicationContext context;
    private static TransactionTemplate transaction;

    @BeforeAll
    static void start() {
        postgres = TestPostgres.migrated();
        SpringApplicationBuilder application = new SpringApplicationBuilder(Slice.class).web(WebApplicationType.NONE);
        postgres.settings().forEach((key, value) -> application.properties(key + "=" + value));
        context = application.run("--spring.main.lazy-initialization=true");
        transaction = context.getBean(TransactionTemplate.class);
    }

    @AfterAll
    static void stop() {
        context.close();
        postgres.close();
    }

    @Test
    void tu02AHostnameBelongsToOneTunnelOrToTheGatewaysOriginsAndIsFreeAfterwards() {
        UUID first = tunnel("first");
        UUID second = tunnel("second");
        JdbcClient jdbc = bean(JdbcClient.class);
        String claim = "insert into tunnel_hostnames values ('claimed.example.com', ?, ?)";
        jdbc.sql(claim).params(first, "configuration").update();
        jdbc.sql(claim).params(first, "dns").update();
        assertThatThrownBy(() -> jdbc.sql(claim).params(second, "dns").update())
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThatThrownBy(() -> bean(OriginRepository.class).saveAndFlush(origin("claimed.example.com", "/docs")))
                .isInstanceOf(DataIntegrityViolationException.class);

        jdbc.sql("delete from tunnel_hostnames where source = 'dns'").update();
        assertThatThrownBy(() -> bean(OriginRepository.class).saveAndFlush(origin("claimed.example.com", "/docs")))
                .isInstanceOf(DataIntegrityViolationException.class);
        jdbc.sql("delete from tunnel_hostnames").update();
        OriginRow docs = bean(OriginRepository.class).saveAndFlush(origin("claimed.example.com", "/docs"));
        bean(OriginRepository.class).saveAndFlush(origin("claimed.example.com", "/team"));
        assertThatThrownBy(() -> jdbc.sql(claim).params(second, "dns").update())
                .isInstanceOf(DataIntegrityViolationException.class);

        jdbc.sql("update origins set hostname = 'moved.example.com' where id = ?")
                .param(docs.id())
                .update();
        jdbc.sql("delete from origins where path = '/team'").update();
        assertThat(jdbc.sql(claim).params(second, "dns").update()).isOne();
        assertThat(jdbc.sql(
                                "select hostname, holder from hostname_claims where hostname ~ 'ed.example.com' order by hostname")
                        .query()
                        .listOfRows())
                .extracting(row -> row.get("hostname"), row -> row.get("holder"))
                .containsExactly(tuple("claimed.example.com", second), tuple("moved.example.com", new UUID(0, 0)));
    }

    private static OriginRow origin(String hostname, String path) {
        return new OriginRow(
                UUID.randomUUID(),
                hostname,
                path,
                "http://10.0.0.5:3000",
                JsonMapper.shared().createObjectNode(),
                NOW);
    }

    private static UUID tunnel(String name) {
        TunnelRow row = new TunnelRow(UUID.randomUUID(), name, "local", new byte[] {1}, NOW);
        return bean(TunnelRepository.class).saveAndFlush(row).id();
    }

    @Test
    void ofATunnelsConfigurationsTheNewestAreKept() {
        UUID tunnel = tunnel("often-changed");
        UUID other = tunnel("never-changed");
        TunnelConfigurations configurations = bean(TunnelConfigurations.class);
        transaction.executeWithoutResult(tx -> configurations.add(other, BODY, NOW));
        bean(JdbcClient.class)
                .sql("insert into tunnel_configurations values (?, 1, 'local', '{}', now())")
                .param(tunnel)
                .update();
        for (int i = 0; i < TunnelConfigurations.KEPT + 5; i++) {
            transaction.executeWithoutResult(tx -> configurations.add(tunnel, BODY, NOW));
        }
        assertThat(bean(JdbcClient.class)
                        .sql(
                                "select version from tunnel_configurations where tunnel_id = ? and source = 'cloudflare' order by version")
                        .param(tunnel)
                        .query(Integer.class)
                        .list())
                .hasSize(TunnelConfigurations.KEPT)
                .startsWith(7)
                .endsWith(TunnelConfigurations.KEPT + 6);
        assertThat(configurations.newest(tunnel)).get().satisfies(newest -> {
            assertThat(newest.version()).isEqualTo(TunnelConfigurations.KEPT + 6);
            assertThat(newest.config()).isEqualTo(BODY);
        });
        assertThat(configurations.newest(other)).isPresent();
        assertThat(bean(JdbcClient.class)
                        .sql("select count(*) from tunnel_configurations where tunnel_id = ? and source = 'local'")
                        .param(tunnel)
                        .query(Long.class)
                        .single())
                .as("what a connector told counts by itself")
                .isOne();
    }

    @Test
    void bodiesComeBackAsTheyWereWritten() {
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(tx -> bean(GroupRepository.class).save(new GroupRow(id, "staff", BODY, NOW)));
        GroupRow stored = bean(GroupRepository.class).findById(id).orElseThrow();
        assertThat(stored.body()).isEqualTo(BODY);
        assertThat(stored.createdAt()).isEqualTo(NOW);
        assertThat(stored.revision()).isZero();
        transaction.executeWithoutResult(
                tx -> bean(GroupRepository.class).findById(id).orElseThrow().change("staff", BODY, NOW.plusSeconds(1)));
        assertThat(bean(GroupRepository.class).findById(id).orElseThrow().revision())
                .isEqualTo(1);
    }

    @Test
    void everyEntityCanBeStoredAndFound() {
        UUID app = newApplication();
        UUID policy = UUID.randomUUID();
        UUID list = UUID.randomUUID();
        transaction.executeWithoutResult(tx -> {
            bean(PolicyRepository.class).save(new PolicyRow(policy, app, "staff", "allow", BODY, NOW));
            bean(PolicyLinks.class).replace(app, List.of(new PolicyLinks.Link(app, policy, 1)));
            bean(IdentityProviderRepository.class)
                    .save(new IdentityProviderRow(UUID.randomUUID(), "IdP", "oidc", BODY, new byte[] {1, 2}, NOW));
            bean(ServiceTokenRepository.class)
                    .save(new ServiceTokenRow(UUID.randomUUID(), "ci", "c.access", new byte[32], "8760h", NOW, NOW));
            bean(UserRepository.class).save(new UserRow(UUID.randomUUID(), "ada@example.com", "Ada", NOW));
            bean(TagRepository.class).save(new TagRow("engineering", NOW, NOW));
            bean(ListRepository.class).save(new ListRow(list, "staff", "EMAIL", null, NOW));
            bean(ListItemRepository.class).save(new ListItemRow(list, "ada@example.com", "Ada", NOW));
            bean(OriginRepository.class)
                    .save(new OriginRow(UUID.randomUUID(), "wiki.example.com", "", "http://10.0.0.1", BODY, NOW));
            bean(AdminTokenRepository.class)
                    .save(new AdminTokenRow(UUID.randomUUID(), "ops", new byte[32], "admin", null, null, NOW));
        });
        assertThat(bean(PolicyRepository.class).findByAppId(app)).hasSize(1);
        assertThat(bean(PolicyLinks.class).useCounts()).containsEntry(policy, 1);
        assertThat(bean(PolicyLinks.class).users(policy)).containsExactly(app);
        assertThat(bean(UserRepository.class).findByEmail("ada@example.com")).isPresent();
        assertThat(bean(ListItemRepository.class).findByListId(list, PageRequest.of(0, 10)))
                .hasSize(1);
        assertThat(bean(OriginRepository.class).findByHostnameAndPath("wiki.example.com", ""))
                .isPresent();
        assertThat(bean(AdminTokenRepository.class).findByTokenHash(new byte[32]))
                .hasValueSatisfying(token -> assertThat(token.valid(NOW)).isTrue());
        int removed = transaction.execute(
                tx -> bean(ListItemRepository.class).deleteValues(list, List.of("ada@example.com", "nobody")));
        assertThat(removed).isEqualTo(1);
        transaction.executeWithoutResult(tx -> bean(ApplicationRepository.class).deleteById(app));
        assertThat(bean(PolicyRepository.class).findById(policy))
                .as("disappears with its application")
                .isEmpty();
    }

    @Test
    void aDestinationBelongsToOneApplication() {
        UUID first = newApplication();
        UUID second = newApplication();
        claim(first, "docs.example.com", "*.docs.example.com/team");
        claim(first, "*.docs.example.com/team", "docs.example.com");
        assertThatThrownBy(() -> claim(second, "free.example.com", "docs.example.com"))
                .isInstanceOf(Destinations.Taken.class)
                .hasMessageContaining("docs.example.com");
        claim(second, "free.example.com");
    }

    @Test
    void precedencesMayBeExchangedButNotShared() {
        UUID app = newApplication();
        UUID first = newPolicy();
        UUID second = newPolicy();
        link(app, new PolicyLinks.Link(app, first, 1), new PolicyLinks.Link(app, second, 2));
        link(app, new PolicyLinks.Link(app, first, 2), new PolicyLinks.Link(app, second, 1));
        assertThat(bean(PolicyLinks.class).of(app))
                .extracting(PolicyLinks.Link::policy)
                .containsExactly(second, first);
        assertThatThrownBy(() -> link(app, new PolicyLinks.Link(app, first, 1), new PolicyLinks.Link(app, second, 1)))
                .isInstanceOf(DataIntegrityViolationException.class);
    }

    @Test
    void theVersionRisesWithTheTransactionOnly() {
        ConfigVersion version = bean(ConfigVersion.class);
        long before = version.current();
        assertThatThrownBy(version::bump).isInstanceOf(IllegalTransactionStateException.class);
        assertThatThrownBy(() -> transaction.executeWithoutResult(tx -> {
                    version.bump();
                    throw new IllegalStateException("change of mind");
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(version.current()).isEqualTo(before);
        Long raised = transaction.execute(tx -> version.bump());
        assertThat(raised).isEqualTo(before + 1).isEqualTo(version.current());
    }

    /** What V221 holds: each statement is a row that no writer makes and that a reader would take wrongly. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into service_tokens (id, name, client_id, secret_hash, previous_secret_hash, duration, created_at,"
                        + " updated_at) values (gen_random_uuid(), 'x', 'x', decode(repeat('00', 32), 'hex'),"
                        + " decode(repeat('01', 32), 'hex'), '8760h', now(), now())",
                "insert into signing_keys (kid, private_key, certificate, created_at, published_at, signs_from)"
                        + " values (repeat('0', 64), '', '', now(), now(), now() - interval '1 second')",
                "insert into edge_replicas (id, last_seen_at, address) values (gen_random_uuid(), now(), '10.0.0.1')",
                "insert into zones (id, name, created_at, updated_at) values (repeat('0', 32), 'Example.com', now(), now())"
            })
    void whatNoReaderCouldMakeSenseOfIsNotStored(String statement) {
        assertThatThrownBy(() -> bean(JdbcClient.class).sql(statement).update())
                .isInstanceOf(DataIntegrityViolationException.class);
    }

    @Test
    void onlyAnAliasLeadsToATunnel() {
        UUID tunnel = tunnel("aliased");
        String insert = "insert into dns_records (id, name, type, content, body, tunnel_id, created_at, updated_at)"
                + " values (gen_random_uuid(), ?, ?, 'x', '{}', ?, now(), now())";
        JdbcClient jdbc = bean(JdbcClient.class);
        assertThat(jdbc.sql(insert).params("a.example.com", "CNAME", tunnel).update())
                .isOne();
        assertThatThrownBy(() ->
                        jdbc.sql(insert).params("b.example.com", "A", tunnel).update())
                .isInstanceOf(DataIntegrityViolationException.class);
    }

    @Test
    void aSignOutFindsRevocationsOfItsSessionByAnIndex() {
        assertThat(transaction.<List<String>>execute(status -> {
                    JdbcClient jdbc = bean(JdbcClient.class);
                    jdbc.sql("set local enable_seqscan = off").update();
                    return jdbc.sql("explain select 1 from revocations where kind = 'session' and subject = 'x'")
                            .query(String.class)
                            .list();
                }))
                .anyMatch(line -> line.contains("revocations_by_subject"));
    }

    @Test
    void historyCannotBeEdited() {
        postgres.jdbc().sql("""
                        insert into audit_log (at, actor, action, resource_kind, resource_id)
                        values (now(), 'ops', 'create', 'application', 'x')""").update();
        for (String attempt :
                List.of("update audit_log set actor = 'nobody'", "delete from audit_log", "truncate audit_log")) {
            assertThatThrownBy(() -> postgres.jdbc().sql(attempt).update())
                    .as(attempt)
                    .isInstanceOf(DataAccessException.class)
                    .hasStackTraceContaining("audit_log is append-only");
        }
    }

    private static <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    private static UUID newApplication() {
        UUID id = UUID.randomUUID();
        String aud = id.toString().replace("-", "").repeat(2);
        transaction.executeWithoutResult(tx -> {
            ApplicationRow app = new ApplicationRow(id, aud, "self_hosted", NOW);
            app.change("Wiki", "wiki.example.com", BODY, NOW);
            bean(ApplicationRepository.class).save(app);
        });
        return id;
    }

    private static UUID newPolicy() {
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(
                tx -> bean(PolicyRepository.class).save(new PolicyRow(id, null, "staff", "allow", BODY, NOW)));
        return id;
    }

    private static void claim(UUID app, String... patterns) {
        transaction.executeWithoutResult(tx -> bean(Destinations.class).claim(app, List.of(patterns)));
    }

    private static void link(UUID app, PolicyLinks.Link... links) {
        transaction.executeWithoutResult(tx -> bean(PolicyLinks.class).replace(app, List.of(links)));
    }
}
