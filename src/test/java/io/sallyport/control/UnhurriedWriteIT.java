package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A large change is under way on one replica, for as long as the test likes, and admins of another go on writing. */
class UnhurriedWriteIT {
    private static final AdminCall CALL = new AdminCall(
            new AdminTokens.Holder("applier", "applier", Permissions.full(), null),
            "127.0.0.1",
            "0123456789abcdef",
            Optional.empty());

    private static TestPostgres postgres;
    private static TestServer applying;
    private static TestServer writing;
    private static AdminClient other;

    @BeforeAll
    static void start() {
        applying = TestServer.start(Map.of());
        writing = applying.beside(Map.of());
        postgres = applying.database();
        other = writing.admin();
    }

    @AfterAll
    static void stop() {
        writing.close();
        applying.close();
    }

    private static <T> T bean(Class<T> type) {
        return applying.context().getBean(type);
    }

    private static Fields application(String name) {
        return Fields.of(Api.json("""
                {"type": "self_hosted", "name": "%1$s", "domain": "%1$s.example.com", "policies": [
                  {"name": "Staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}]}""".formatted(name)));
    }

    private static List<String> names(String path) {
        return other.get(path)
                .valueStream()
                .map(each -> each.get("name").asString())
                .toList();
    }

    private static long version() {
        return postgres.jdbc()
                .sql("select version from config_version")
                .query(Long.class)
                .single();
    }

    @Test
    @DisplayName("AD-07: a large write that nobody overtook is whole, with its records and one new version")
    void aWriteWithoutHurryIsWhole() {
        long before = version();

        bean(Transactions.class).writeWithoutHurry(() -> {
            bean(ApplicationChanges.class).create(CALL, application("unhurried-a"));
            bean(ApplicationChanges.class).create(CALL, application("unhurried-b"));
            assertThat(names("/access/apps")).as("nobody sees it yet").doesNotContain("unhurried-a");
            return "made";
        });

        assertThat(names("/access/apps")).contains("unhurried-a", "unhurried-b");
        assertThat(version()).isEqualTo(before + 1);
        assertThat(other.get("/sallyport/audit?per_page=2")
                        .valueStream()
                        .map(each -> each.at("/after/name").asString()))
                .containsExactly("unhurried-b", "unhurried-a");
    }

    @Test
    @DisplayName("AD-07: who was faster keeps what they wrote, and nothing is left of the write that they overtook")
    void aWriteThatWasOvertakenLeavesNothing() {
        String kept = other.post("/access/apps", application("kept").json().toString())
                .get("id")
                .asString();

        assertThatThrownBy(() -> bean(Transactions.class).writeWithoutHurry(() -> {
                    bean(ApplicationChanges.class).create(CALL, application("overtaken"));
                    other.put("/access/apps/" + kept, application("kept").json().toString());
                    other.post("/access/tags", "{\"name\": \"faster\"}");
                    return "made";
                }))
                .isInstanceOf(Transactions.Moved.class);

        assertThat(names("/access/tags")).contains("faster");
        assertThat(names("/access/apps")).contains("kept").doesNotContain("overtaken");
        assertThat(other.get("/sallyport/audit?per_page=1")
                        .at("/0/resource_kind")
                        .asString())
                .isEqualTo("tag");
    }

    @Test
    @DisplayName(
            "AD-07: who wants the very place a large write is taking waits for it, and is told so when that takes too long")
    void aRivalForOnePlaceWaitsAndIsTold() {
        bean(Transactions.class).writeWithoutHurry(() -> {
            bean(ApplicationChanges.class).create(CALL, application("contested"));

            AdminClient.Answer refused = other.call(
                    "POST", "/access/apps", application("contested").json().toString());

            assertThat(refused.status()).as(refused.envelope().toString()).isEqualTo(503);
            assertThat(refused.envelope().at("/errors/0/message").asString()).contains("nothing was changed");
            return "made";
        });

        assertThat(names("/access/apps")).containsOnlyOnce("contested");
    }

    @Test
    void smallWritesOfOthersGoThroughWhileAWholeFileIsAppliedAndTheFileIsAppliedAllTheSame() throws Exception {
        ObjectNode file = JsonMapper.shared().createObjectNode().put("sallyport", 1);
        ArrayNode groups = file.putArray("groups");
        for (int i = 0; i < 25; i++) {
            groups.addObject()
                    .put("name", "Group " + i)
                    .putArray("include")
                    .addObject()
                    .putObject("email_domain")
                    .put("domain", "d" + i + ".example.com");
        }
        List<Integer> statuses = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<AdminClient.Answer> applied = CompletableFuture.supplyAsync(
                    () -> applying.admin().call("POST", "/sallyport/apply", file.toString()), executor);
            for (int i = 0; i < 6; i++) {
                statuses.add(other.call("POST", "/access/tags", "{\"name\": \"small-%d\"}".formatted(i))
                        .status());
            }
            JsonNode answer = applied.get().envelope();
            assertThat(applied.get().status()).as(answer.toString()).isEqualTo(200);
            assertThat(answer.at("/result/created")).hasSize(25);
        }

        assertThat(statuses).isNotEmpty().containsOnly(200);
        assertThat(names("/access/groups?per_page=1000")).hasSize(25);
    }
}
