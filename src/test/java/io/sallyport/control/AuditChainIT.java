package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.audit.AuditTrail;
import io.sallyport.audit.chain.ChainReport;
import io.sallyport.audit.chain.ChainVerifier;
import io.sallyport.testkit.TestServer;
import io.sallyport.token.CheckpointKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

/** The trail of admin changes as a chain: what the server writes is what the verifier accepts (AD-06). */
@ExtendWith(OutputCaptureExtension.class)
class AuditChainIT {
    /** Not from one of many virtual threads: while a class initialises, they would hold the carriers it needs. */
    @BeforeAll
    static void start() {
        Api.server();
    }

    @Test
    @DisplayName("AD-06: an export checks offline, against the key the server names")
    void anExportChecks() {
        String tag = Api.unique("chained");
        Api.create("/access/tags", "{\"name\": \"" + tag + "\"}");
        Api.must("DELETE", "/access/tags/" + tag, null);
        seals().signPresentEnd();
        Api.create("/access/tags", "{\"name\": \"" + tag + "\"}");

        HttpResponse<String> export = export("");
        ChainReport report = verify(export.body());

        assertThat(export.headers().firstValue("content-type")).contains("application/x-ndjson");
        assertThat(report.findings()).isEmpty();
        assertThat(report.first()).isEqualTo(1);
        assertThat(export.body().lines().filter(line -> line.contains(tag))).hasSize(3);
        assertThat(export.body().lines().filter(line -> line.startsWith("{\"checkpoint\"")))
                .hasSizeGreaterThan(1);
        JsonNode newest = Api.get("/sallyport/audit").result().path(0);
        assertThat(newest.path("resource_id").asString()).isEqualTo(tag);
        assertThat(newest.path("position").asLong()).isEqualTo(report.last());
        assertThat(newest.path("after").path("name").asString()).isEqualTo(tag);
        assertThat(newest.path("before").isNull()).isTrue();
    }

    @Test
    void aPartOfTheTrailChecksToo() {
        Api.create("/access/tags", "{\"name\": \"" + Api.unique("old") + "\"}");
        String since = Api.jdbc()
                .sql("select to_char(now() at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
                .query(String.class)
                .single();
        String tag = Api.unique("new");
        Api.create("/access/tags", "{\"name\": \"" + tag + "\"}");

        ChainReport part = verify(export("?since=" + since).body());
        assertThat(part.findings()).isEmpty();
        assertThat(part.first()).isEqualTo(part.last()).isGreaterThan(1);
        assertThat(verify(export("?since=2999-01-01T00:00:00Z").body()).findings())
                .isEmpty();
        assertThat(verify(export("?until=2001-01-01T00:00:00Z").body()).findings())
                .isEmpty();
    }

    @Test
    @DisplayName("AD-06: writers in parallel leave one chain without gaps")
    void parallelWritersLeaveOneChain() throws Exception {
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Integer>> calls = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String body = "{\"name\": \"" + Api.unique("parallel") + "\"}";
                calls.add(() -> Api.call("POST", "/access/tags", body).status());
            }
            for (var done : executor.invokeAll(calls)) {
                assertThat(done.get()).isEqualTo(200);
            }
        }
        assertThat(verify(export("").body()).findings()).isEmpty();
    }

    @Test
    @DisplayName("AD-06: a thousand records of one transaction are one batch, and leave in pages that make one chain")
    void manyRecordsOfOneTransactionLeaveInPages() {
        String kind = Api.unique("kind");
        AuditTrail trail = Api.server().context().getBean(AuditTrail.class);
        PlatformTransactionManager manager = Api.server().context().getBean(PlatformTransactionManager.class);
        TransactionTemplate transaction = new TransactionTemplate(manager);
        transaction.executeWithoutResult(status -> {
            for (int i = 0; i < 1100; i++) {
                trail.record(
                        new AuditTrail.Actor("somebody", null, null),
                        new AuditTrail.Change("create", kind, Integer.toString(i), null, null));
            }
        });
        transaction.executeWithoutResult(status -> {
            trail.record(
                    new AuditTrail.Actor("somebody", null, null),
                    new AuditTrail.Change("create", kind, "taken back", null, null));
            status.setRollbackOnly();
        });

        String export = export("").body();

        assertThat(verify(export).findings()).isEmpty();
        assertThat(export.lines().filter(line -> line.contains('"' + kind + '"')))
                .hasSize(1100);
        assertThat(Api.get("/sallyport/audit?per_page=1&resource_kind=" + kind)
                        .envelope()
                        .at("/result_info/total_count")
                        .asInt())
                .isEqualTo(1100);
    }

    @Test
    @DisplayName("AD-06: who can write to the database alone gets no signature for what he changed")
    void aTamperedTrailIsNotSigned(CapturedOutput output) {
        Api.create("/access/tags", "{\"name\": \"" + Api.unique("honest") + "\"}");
        seals().signPresentEnd();
        String tag = Api.unique("guilty");
        Api.create("/access/tags", "{\"name\": \"" + tag + "\"}");
        Api.create("/access/tags", "{\"name\": \"" + Api.unique("after") + "\"}");
        tamper("update audit_log set line = replace(line, 'bootstrap token', 'somebody else') where resource_id = '"
                + tag + "'");
        try {
            seals().signPresentEnd();
            awaitLine(output, "The audit trail was tampered with, no checkpoint is signed: record ");
            assertThat(isExported()).isFalse();
            assertThat(state().path("status").asString()).isEqualTo("tampered");
            assertThat(state().path("finding").asString()).startsWith("record ");
            assertThat(tampered()).isEqualTo(1);
        } finally {
            tamper("update audit_log set line = replace(line, 'somebody else', 'bootstrap token') where resource_id = '"
                    + tag + "'");
        }
        assertThat(verify(export("").body()).findings()).isEmpty();
        seals().signPresentEnd();
        assertThat(state().path("status").asString()).isEqualTo("intact");
        assertThat(state().path("signed_position").asLong())
                .isEqualTo(state().path("position").asLong());
        assertThat(tampered()).isZero();
    }

    private static JsonNode state() {
        return Api.get("/sallyport/audit/state").result();
    }

    private static double tampered() {
        return Api.server()
                .context()
                .getBean(MeterRegistry.class)
                .get("sallyport.audit.tampered")
                .gauge()
                .value();
    }

    @Test
    @DisplayName("AD-06: a checkpoint that disappears is missed")
    void aRemovedCheckpointIsMissed(CapturedOutput output) {
        Api.create("/access/tags", "{\"name\": \"" + Api.unique("sealed") + "\"}");
        seals().signPresentEnd();
        Api.jdbc().sql("create table stolen as select * from audit_checkpoints").update();
        Api.jdbc()
                .sql("alter table audit_checkpoints disable trigger append_only")
                .update();
        Api.jdbc().sql("delete from audit_checkpoints").update();
        seals().signPresentEnd();
        Api.jdbc().sql("insert into audit_checkpoints select * from stolen").update();
        Api.jdbc()
                .sql("alter table audit_checkpoints enable trigger append_only")
                .update();
        Api.jdbc().sql("drop table stolen").update();
        awaitLine(output, "The audit trail was tampered with: the checkpoint of record");
    }

    private static void tamper(String sql) {
        Api.jdbc().sql("alter table audit_log disable trigger append_only").update();
        Api.jdbc().sql(sql).update();
        Api.jdbc().sql("alter table audit_log enable trigger append_only").update();
    }

    private static AuditSeals seals() {
        return Api.server().context().getBean(AuditSeals.class);
    }

    /** A trail of more than a page has begun to leave when the tampering shows: it then breaks off instead of ending. */
    private static boolean isExported() {
        try {
            return export("").statusCode() == 200;
        } catch (UncheckedIOException brokenOff) {
            return false;
        }
    }

    private static HttpResponse<String> export(String query) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                        + Api.server().port() + "/client/v4/accounts/" + Api.account() + "/sallyport/audit/export"
                        + query))
                .header("Authorization", "Bearer " + TestServer.ADMIN_TOKEN)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static ChainReport verify(String export) {
        String kid = Api.get("/sallyport/audit/key").result().path("kid").asString();
        ChainVerifier verifier = new ChainVerifier(signed -> CheckpointKey.verify(signed)
                .filter(good -> good.kid().equals(kid))
                .map(CheckpointKey.Signed::payload));
        export.lines().forEach(verifier::line);
        return verifier.end();
    }

    /** The log is written by a thread of its own. */
    private static void awaitLine(CapturedOutput output, String start) {
        await().untilAsserted(() -> assertThat(output.getAll()).contains(start));
    }
}
