package io.sallyport.bench;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The figures of signing in: how long the gateway keeps a browser on its own pages during one login, how many logins it takes in a
 * second, and what processor time of whom a login costs. The gateway runs here; the browsers, the OpenID Connect provider and the
 * application's site are {@link LoginBrowsers}, another process on the same processors. So the logins in a second are of all of them
 * together, and the processor time says what the gateway and its database would take without the others. Every login is
 * another browser's: it opens a connection to the application's host and one to the team domain, and keeps them for its five pages.
 *
 * <p>The warm-up ends when the compilers have little left to do, at the latest after the given time; what they still take is told
 * apart. Run it with the options the product comes with: {@code -XX:+UseParallelGC -XX:+UseCompactObjectHeaders}. Arguments: most
 * seconds of warm-up (240), logins one after the other (500), seconds of logins at once (20), browsers at once (16).
 */
public final class LoginFigures {
    private static final String HOST = "figures.localhost";
    private static final int SLICE_SECONDS = 10;
    private static final int FEW = 4;

    /** Of the processor time of the gate, when it counts as warm. */
    private static final double COMPILED = 0.05;

    private final TestPostgres postgres = TestPostgres.migrated();
    private final TestServer server;
    private final Process browsers;
    private final Writer orders;
    private final BufferedReader answers;

    private LoginFigures() throws IOException {
        Map<String, String> settings = new HashMap<>(postgres.settings());
        settings.put("sallyport.login.requests-per-minute", "100000000");
        server = TestServer.start(settings);
        browsers = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoginBrowsers.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        orders = new OutputStreamWriter(browsers.getOutputStream(), StandardCharsets.UTF_8);
        answers = new BufferedReader(new InputStreamReader(browsers.getInputStream(), StandardCharsets.UTF_8));
        String[] places = answers.readLine().split(" ");
        configure(places[0], places[1]);
    }

    private void configure(String issuer, String site) {
        AdminClient admin = server.admin();
        String provider = admin.post(
                        "/access/identity_providers", """
                        {"name":"Local","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s","pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, issuer))
                .get("id")
                .asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(HOST, site));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"Figures","domain":"%s","allowed_idps":["%s"],"auto_redirect_to_identity":true,
                 "policies":[{"name":"Staff","decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}]}""".formatted(HOST, provider));
    }

    /** Runs all of it once and prints a line for each figure. */
    public static void main(String[] args) throws Exception {
        System.setProperty(TestPostgres.DURABLE, "true"); // before the first database
        int warmUp = args.length > 0 ? Integer.parseInt(args[0]) : 240;
        int logins = args.length > 1 ? Integer.parseInt(args[1]) : 500;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 20;
        int at = args.length > 3 ? Integer.parseInt(args[3]) : 16;
        LoginFigures figures = new LoginFigures();
        try {
            figures.order("open " + figures.server.url(HOST, "/"));
            figures.warmUp(warmUp, at);
            figures.oneAfterTheOther(logins);
            figures.atOnce(seconds, at);
        } finally {
            figures.browsers.destroy();
        }
        System.exit(0);
    }

    private String[] order(String line) throws IOException {
        orders.write(line + "\n");
        orders.flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException("the browsers are gone");
        }
        return answer.split(" ");
    }

    /** With few browsers, because the compilers get one share of the processors among all threads that want one. */
    private void warmUp(int mostSeconds, int at) throws IOException {
        int seconds = 0;
        double share = 1;
        while (seconds < mostSeconds && share > COMPILED) {
            long before = nanos(ProcessHandle.current());
            ThreadTimes threads = ThreadTimes.now();
            order("many " + SLICE_SECONDS + " " + Math.min(at, FEW));
            share = ThreadTimes.now().since(threads, ThreadTimes.Part.COMPILERS)
                    * 1e6
                    / (nanos(ProcessHandle.current()) - before);
            seconds += SLICE_SECONDS;
        }
        order("many " + SLICE_SECONDS + " " + at);
        say(
                "warm-up",
                "%d s; at its end the compilers took %.0f %% of the gateway's processor time",
                seconds + SLICE_SECONDS,
                share * 100);
    }

    private void oneAfterTheOther(int logins) throws IOException {
        long before = transactions();
        String[] nanos = order("one " + logins);
        say(
                "a login, time on our pages",
                "median %.1f ms, p99 %.1f ms (five requests)",
                Long.parseLong(nanos[0]) / 1e6,
                Long.parseLong(nanos[1]) / 1e6);
        say("database transactions of a login", "%.1f", (transactions() - before) / (double) logins);
    }

    private void atOnce(int seconds, int at) throws IOException {
        long transactions = transactions();
        Used before = used();
        String[] result = order("many " + seconds + " " + at);
        Used after = used();
        double done = Long.parseLong(result[0]);
        double took = Long.parseLong(result[1]) / 1e9;
        double gateway = (after.gateway() - before.gateway()) / 1e6 / done;
        double database = (after.database() - before.database()) / 1e6 / done;
        double others = (after.browsers() - before.browsers()) / 1e6 / done;
        double compilers = after.threads().since(before.threads(), ThreadTimes.Part.COMPILERS) / done;
        int processors = Runtime.getRuntime().availableProcessors();
        say(
                "logins in a second",
                "%.0f with %d browsers on %d processors, %s failed, load %.1f",
                done / took,
                at,
                processors,
                result[2],
                ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        say(
                "processor time of a login",
                "gateway %.1f ms, database %.1f ms; browsers, provider and site %.1f ms",
                gateway,
                database,
                others);
        say("of the gateway's", "%s", after.threads().since(before.threads(), done));
        say(
                "without the others' work",
                "%.0f logins in a second on %d processors, by that time; %.0f once everything is compiled",
                processors * 1000 / (gateway + database),
                processors,
                processors * 1000 / (gateway + database - compilers));
        say("database transactions of one of many", "%.1f", (transactions() - transactions) / done);
    }

    /** Processor time so far, in nanoseconds; of the gateway by thread as well. */
    private record Used(long gateway, long database, long browsers, ThreadTimes threads) {}

    private Used used() throws IOException {
        List<Long> backends = postgres.jdbc()
                .sql("select pid from pg_stat_activity")
                .query(Long.class)
                .list();
        return new Used(
                nanos(ProcessHandle.current()),
                backends.stream()
                        .flatMap(pid -> ProcessHandle.of(pid).stream())
                        .mapToLong(LoginFigures::nanos)
                        .sum(),
                nanos(browsers.toHandle()),
                ThreadTimes.now());
    }

    private static long nanos(ProcessHandle process) {
        return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    /** PostgreSQL publishes its counters with a delay of up to a second. */
    private long transactions() {
        long last = -1;
        for (int i = 0; i < 20; i++) {
            long now = postgres.jdbc()
                    .sql("select xact_commit from pg_stat_database where datname = current_database()")
                    .query(Long.class)
                    .single();
            if (last >= 0 && i > 2) {
                return now;
            }
            last = now;
            LockSupport.parkNanos(Duration.ofMillis(500).toNanos());
        }
        return last;
    }

    private static void say(String what, String format, Object... values) {
        System.out.printf(Locale.ROOT, "%-40s %s%n", what, String.format(Locale.ROOT, format, values));
    }
}
