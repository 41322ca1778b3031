package io.sallyport.bench;

import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The figures of the control plane with many applications of five policies with twenty rules each: two replicas on one PostgreSQL,
 * seen from outside, all three on one machine. Two cores to themselves take under four minutes for
 *
 * <pre>{@code ./mvnw -q -Pbench test -Dbench.main=io.sallyport.bench.ConfigurationFigures -Dbench="1000 40 100000" -Dbench.args=}</pre>
 *
 * where the numbers are those of applications, of writes whose way to the other replica is timed, and of decisions replayed. Each
 * line of output is one figure; the load of the machine is printed at the beginning and at the end, because figures that were taken
 * while others worked say little.
 */
public final class ConfigurationFigures {
    private static final JsonMapper JSON = JsonMapper.shared();

    static {
        // The applications are asked for by their hosts, all of which are this machine. Read once, when the first
        // client is made.
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
    }

    private static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private static final Pattern BUILDS =
            Pattern.compile("(?m)^sallyport_snapshot_build_seconds_(count|sum|max)\\S* ([0-9.eE+-]+)$");

    private final TestPostgres postgres = TestPostgres.migrated();
    private final TestServer writer = start();
    private final TestServer reader = start();
    private final String account = writer.admin().account();

    private ConfigurationFigures() {}

    /** Replicas share the database, and so the master key. */
    private TestServer start() {
        Map<String, String> settings = new HashMap<>(postgres.settings());
        settings.put("sallyport.master-key", Base64.getEncoder().encodeToString(new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32
        }));
        return TestServer.start(settings);
    }

    /** Runs all of it once and prints a line for each figure. */
    public static void main(String[] args) {
        int applications = args.length > 0 ? Integer.parseInt(args[0]) : 1000;
        int writes = args.length > 1 ? Integer.parseInt(args[1]) : 100;
        int decisions = args.length > 2 ? Integer.parseInt(args[2]) : 100_000;
        load("at the beginning");
        try {
            ConfigurationFigures figures = new ConfigurationFigures();
            figures.file(applications);
            figures.pages();
            figures.propagation(writes);
            figures.replay(decisions);
        } catch (Exception failed) {
            // the servers' threads would otherwise keep the process, and whoever waits for it
            failed.printStackTrace();
            System.exit(1);
        }
        load("at the end");
        System.exit(0);
    }

    private static void load(String when) {
        say(
                "load of the machine " + when,
                "%.1f on %d cores",
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
                Runtime.getRuntime().availableProcessors());
    }

    private void file(int applications) throws Exception {
        String file = world(applications).toString();
        say("file", "%.1f MB, %d applications", file.length() / 1e6, applications);
        long start = System.nanoTime();
        JsonNode plan = call("POST", "/sallyport/apply?dry_run=true", file);
        say(
                "plan of the whole file",
                "%.2f s, %d to create",
                since(start),
                plan.path("created").size());
        start = System.nanoTime();
        JsonNode done = call("POST", "/sallyport/apply", file);
        say("apply of the whole file", "%.2f s, applied %s", since(start), done.path("applied"));
        start = System.nanoTime();
        String exported = call("GET", "/sallyport/export", null).toString();
        say("export", "%.2f s", since(start));
        start = System.nanoTime();
        done = call("POST", "/sallyport/apply", exported);
        say("apply of what was exported", "%.2f s, applied %s", since(start), done.path("applied"));
    }

    private void pages() throws Exception {
        long[] nanos = new long[200];
        for (int i = -50; i < nanos.length; i++) {
            long start = System.nanoTime();
            call("GET", "/access/apps?per_page=25&page=" + (1 + Math.floorMod(i, 40)), null);
            nanos[Math.max(i, 0)] = System.nanoTime() - start;
        }
        say("list page of 25 applications", "%s", percentiles(nanos));
    }

    private void propagation(int writes) throws Exception {
        JsonNode first =
                call("GET", "/access/apps?exact=true&name=App%200", null).get(0);
        String path = "/access/apps/" + first.path("id").asString();
        long[] nanos = new long[writes];
        long[] answers = new long[writes];
        double[] before = builds();
        for (int i = 0; i < writes; i++) {
            boolean open = i % 2 == 0;
            String body = """
                    {"type":"self_hosted","name":"App 0","domain":"app0.example.com","policies":[
                      {"name":"Toggle","decision":"%s","include":[{"everyone":{}}]}]}""".formatted(open ? "bypass" : "deny");
            long start = System.nanoTime();
            call("PUT", path, body);
            long answered = System.nanoTime();
            while (status() != (open ? 404 : 403)) {
                Thread.onSpinWait();
            }
            nanos[i] = System.nanoTime() - answered;
            answers[i] = answered - start;
        }
        double[] after = builds();
        say("a write is answered after", "%s", percentiles(answers));
        say("and is in force on the other replica", "%s later", percentiles(nanos));
        say(
                "snapshot rebuild on that replica",
                "mean %.0f ms, worst %.0f ms of %.0f",
                1000 * (after[1] - before[1]) / (after[0] - before[0]),
                1000 * after[2],
                after[0] - before[0]);
    }

    private int status() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + reader.port() + "/"))
                .header("Host", "app0.example.com")
                .build();
        int status = HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        return status == 502 ? 404 : status;
    }

    private double[] builds() throws IOException, InterruptedException {
        String text = HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + reader.managementPort() + "/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        double[] values = new double[3];
        Matcher matcher = BUILDS.matcher(text);
        while (matcher.find()) {
            values[Arrays.asList("count", "sum", "max").indexOf(matcher.group(1))] =
                    Double.parseDouble(matcher.group(2));
        }
        return values;
    }

    private void replay(int decisions) throws Exception {
        postgres.jdbc().sql("""
                        insert into decisions (id, at, version, app_id, app_name, app_domain, outcome, reason, session, place, method,
                          host, path, email, client, facts, tree)
                        select lpad(to_hex(n), 16, '0'), now() - n * interval '1 second', 1, a.id, a.name, a.domain, 'allowed',
                          'allowed_by_policy', 'present', 'gate', 'GET', a.domain, '/', 'user' || n % 20 || '.' || n % 5 || '@' || a.domain,
                          '10.0.0.1', '47DEQpj8HBSa-_TI.', '{}'
                        from generate_series(1, :count) n
                        join (select row_number() over (order by seq) as place, count(*) over () as apps, * from applications) a
                          on a.place = 1 + n % a.apps""").param("count", decisions).update();
        JsonNode second =
                call("GET", "/access/apps?exact=true&name=App%201", null).get(0);
        String body = """
                {"examples":3,"applications":[{"id":"%s","type":"self_hosted","name":"App 1","domain":"app1.example.com","policies":[
                  {"name":"Nobody","decision":"deny","include":[{"everyone":{}}]}]}]}""".formatted(second.path("id").asString());
        for (int round = 1; round <= 2; round++) {
            long start = System.nanoTime();
            JsonNode answer = call("POST", "/sallyport/replay", body);
            say(
                    "replay",
                    "%.2f s whole, of it deciding %s ms; asked %s of %s recorded, %s would lose access",
                    since(start),
                    answer.path("took_ms"),
                    answer.at("/decisions/asked"),
                    answer.at("/decisions/recorded"),
                    answer.at("/lose/count"));
        }
    }

    private JsonNode call(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + writer.port() + "/client/v4/accounts/" + account + path))
                .timeout(Duration.ofMinutes(5))
                .header("Authorization", "Bearer " + TestServer.ADMIN_TOKEN)
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(method + " " + path + " answered " + response.body());
        }
        return JSON.readTree(response.body()).path("result");
    }

    private static ObjectNode world(int applications) {
        ObjectNode world = JSON.createObjectNode().put("sallyport", 1);
        ArrayNode apps = world.putArray("applications");
        for (int a = 0; a < applications; a++) {
            ObjectNode app = apps.addObject()
                    .put("name", "App " + a)
                    .put("type", "self_hosted")
                    .put("domain", "app" + a + ".example.com")
                    .put("session_duration", "8h");
            ArrayNode policies = app.putArray("policies");
            for (int p = 0; p < 5; p++) {
                ObjectNode policy =
                        policies.addObject().put("name", "Policy " + p).put("decision", "allow");
                ArrayNode include = policy.putArray("include");
                for (int r = 0; r < 20; r++) {
                    include.addObject()
                            .putObject("email")
                            .put("email", "user" + r + "." + p + "@app" + a + ".example.com");
                }
            }
        }
        return world;
    }

    private static double since(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private static String percentiles(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "median %.1f ms, p99 %.1f ms",
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.99) - 1)] / 1e6);
    }

    private static void say(String what, String format, Object... values) {
        System.out.println("FIGURE " + what + ": " + String.format(Locale.ROOT, format, values));
    }
}
