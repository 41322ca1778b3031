package io.sallyport.bench;

import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestPostgres;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The figures of signing in, from outside: how long the gateway keeps a browser on its own pages during one login, and how many
 * logins it takes in a second, with an OpenID Connect provider in the same process. The provider's own work, its signature and its
 * sockets, and the browser's are part of what is measured; the gateway alone is faster. Arguments: logins one after the other (300),
 * seconds of logins at once (20), browsers at once (32).
 */
public final class LoginFigures {
    private static final String HOST = "figures.localhost";
    private static final int MOST_HOPS = 12;
    private static final int WARM_UP = 200;

    private final TestPostgres postgres = TestPostgres.migrated();
    private final FakeIdp idp = FakeIdp.start();
    private final SampleSite site = SampleSite.start();
    private final TestServer server;

    private LoginFigures() {
        Map<String, String> settings = new HashMap<>(postgres.settings());
        settings.put("sallyport.login.requests-per-minute", "100000000");
        server = TestServer.start(settings);
        AdminClient admin = server.admin();
        String provider = admin.post(
                        "/access/identity_providers", """
                        {"name":"Local","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s","pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer()))
                .get("id")
                .asString();
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(HOST, site.url()));
        admin.post("/access/apps", """
                {"type":"self_hosted","name":"Figures","domain":"%s","allowed_idps":["%s"],"auto_redirect_to_identity":true,
                 "policies":[{"name":"Staff","decision":"allow","include":[{"email_domain":{"domain":"example.com"}}]}]}""".formatted(HOST, provider));
    }

    /** Runs all of it once and prints a line for each figure. */
    public static void main(String[] args) throws Exception {
        int logins = args.length > 0 ? Integer.parseInt(args[0]) : 300;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 20;
        int browsers = args.length > 2 ? Integer.parseInt(args[2]) : 32;
        LoginFigures figures = new LoginFigures();
        while (figures.new Login().run() != 200) {
            Thread.onSpinWait(); // the application is not known yet
        }
        for (int i = 0; i < WARM_UP; i++) {
            figures.new Login().run();
        }
        figures.oneAfterTheOther(logins);
        figures.atOnce(seconds, browsers);
        System.exit(0);
    }

    /** One browser signing in, hop by hop; only the time on our own pages counts. */
    private final class Login {
        private final Visitor browser = new Visitor();
        private long gateway;

        /** The status of the page at the end. */
        int run() {
            String url = server.url(HOST, "/");
            for (int hop = 0; hop < MOST_HOPS; hop++) {
                boolean ours = !url.startsWith(idp.issuer());
                long start = System.nanoTime();
                Answer answer = browser.get(url);
                gateway += ours ? System.nanoTime() - start : 0;
                if (answer.status() / 100 != 3) {
                    return answer.status();
                }
                url = URI.create(url).resolve(answer.header("location")).toString();
            }
            throw new IllegalStateException("a login that goes round in circles");
        }
    }

    private void oneAfterTheOther(int logins) {
        long[] nanos = new long[logins];
        long before = transactions();
        for (int i = 0; i < logins; i++) {
            Login login = new Login();
            if (login.run() != 200) {
                throw new IllegalStateException("a login did not end at the application");
            }
            nanos[i] = login.gateway;
        }
        Arrays.sort(nanos);
        say(
                "a login, time on our pages",
                "median %.1f ms, p99 %.1f ms (five requests)",
                nanos[logins / 2] / 1e6,
                nanos[logins * 99 / 100] / 1e6);
        say("database transactions of a login", "%.1f", (transactions() - before) / (double) logins);
    }

    private void atOnce(int seconds, int browsers) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(browsers)) {
            for (int i = 0; i < browsers; i++) {
                threads.execute(() -> {
                    while (System.nanoTime() < end) {
                        (new Login().run() == 200 ? done : failed).incrementAndGet();
                    }
                });
            }
            threads.shutdown();
            if (!threads.awaitTermination(seconds + 60L, TimeUnit.SECONDS)) {
                throw new IllegalStateException("logins hang");
            }
        }
        say(
                "logins in a second",
                "%.0f with %d browsers on %d processors, %d failed",
                done.get() / ((System.nanoTime() - start) / 1e9),
                browsers,
                Runtime.getRuntime().availableProcessors(),
                failed.get());
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
            java.util.concurrent.locks.LockSupport.parkNanos(
                    Duration.ofMillis(500).toNanos());
        }
        return last;
    }

    private static void say(String what, String format, Object... values) {
        System.out.printf(Locale.ROOT, "%-40s %s%n", what, String.format(Locale.ROOT, format, values));
    }
}
