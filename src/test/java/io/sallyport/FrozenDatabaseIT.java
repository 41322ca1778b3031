package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.BusyMachine;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** PostgreSQL hangs without closing anything, for longer than a configuration may serve, and comes back. */
class FrozenDatabaseIT {
    private static final String STAFF = "frozen.localhost";
    private static final String OPEN = "open-frozen.localhost";

    @Test
    void r11_r12_fc02_aDatabaseThatHangsStopsWritesAtOnceAndProtectedRequestsWhenTheConfigurationIsTooOld()
            throws Exception {
        try (FakeIdp idp = FakeIdp.start();
                SampleSite site = SampleSite.start();
                TestServer server = TestServer.embedded(Map.of("sallyport.snapshot.max-staleness", "8s"))) {
            var admin = server.admin();
            String provider = admin.post(
                            "/access/identity_providers", """
                            {"name":"Fake","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                             "pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer()))
                    .get("id")
                    .asString();
            for (String host : List.of(STAFF, OPEN)) {
                admin.post(
                        "/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
                String decision = host.equals(OPEN) ? "bypass" : "allow";
                String policy = admin.post(
                                "/access/policies",
                                "{\"name\":\"%s\",\"decision\":\"%s\",\"include\":[{\"everyone\":{}}]}"
                                        .formatted(decision, decision))
                        .get("id")
                        .asString();
                admin.post("/access/apps", """
                        {"type":"self_hosted","name":"%s","domain":"%s","allowed_idps":["%s"],
                         "auto_redirect_to_identity":true,"policies":["%s"]}""".formatted(host, host, provider, policy));
            }
            Visitor ada = new Visitor();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> ada.open(server.url(STAFF, "/")).status() == 200
                            && new Visitor().get(server.url(OPEN, "/")).status() == 200);

            List<ProcessHandle> frozen = postgres(server.dataDir());
            signal("STOP", frozen);
            try {
                BusyMachine.Stopwatch watch = new BusyMachine.Stopwatch();
                long slowest = 0;
                for (int i = 0; i < 50; i++) {
                    long start = System.nanoTime();
                    assertThat(ada.get(server.url(STAFF, "/frozen")).status()).isEqualTo(200);
                    slowest = Math.max(slowest, System.nanoTime() - start);
                }
                long start = System.nanoTime();
                assertThat(admin.call("POST", "/access/tags", "{\"name\":\"frozen\"}")
                                .status())
                        .isEqualTo(503);
                Duration write = Duration.ofNanos(System.nanoTime() - start);
                System.out.println(
                        "R-11 slowest of 50 requests " + Duration.ofNanos(slowest) + ", write refused after " + write);
                assertThat(Duration.ofNanos(slowest)).isLessThan(watch.allowing(Duration.ofSeconds(1)));
                assertThat(write).isLessThan(watch.allowing(Duration.ofSeconds(5)));

                await("the configuration to be too old")
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> ada.get(server.url(STAFF, "/x")).status() == 503);
                assertThat(new Visitor().get(server.url(OPEN, "/")).status())
                        .as("bypass")
                        .isEqualTo(200);
            } finally {
                signal("CONT", frozen);
            }
            long start = System.nanoTime();
            await("service again")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> ada.get(server.url(STAFF, "/back")).status() == 200);
            System.out.println("R-12 served again after " + Duration.ofNanos(System.nanoTime() - start));
            await("writes again")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> admin.call("POST", "/access/tags", "{\"name\":\"thawed\"}")
                                    .status()
                            == 200);
        }
    }

    /** The server and all its backends. */
    private static List<ProcessHandle> postgres(Path data) throws IOException {
        Path pidFile;
        try (Stream<Path> files = Files.walk(data)) {
            pidFile = files.filter(file -> file.endsWith("postmaster.pid"))
                    .findFirst()
                    .orElseThrow();
        }
        ProcessHandle server = ProcessHandle.of(
                        Long.parseLong(Files.readAllLines(pidFile).getFirst()))
                .orElseThrow();
        List<ProcessHandle> all = new ArrayList<>(List.of(server));
        server.descendants().forEach(all::add);
        return all;
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        processes.stream().filter(ProcessHandle::isAlive).forEach(each -> command.add(String.valueOf(each.pid())));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }
}
