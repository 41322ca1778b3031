package io.sallyport.bench;

import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.SampleSite;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The other side of {@link LoginFigures}, in a process of its own so that its work is not taken for the gateway's: the browsers, the
 * provider with its signatures, and the application's site. Says where they are, then obeys lines: {@code open URL}, {@code one N},
 * {@code many SECONDS BROWSERS}, each of which it answers with a line.
 */
final class LoginBrowsers {
    private static final int MOST_HOPS = 12;
    private static final int PEOPLE = 2_000;

    private final FakeIdp idp = FakeIdp.start();
    private final SampleSite site = SampleSite.start();
    private final AtomicInteger turn = new AtomicInteger();
    private String url = "";

    private LoginBrowsers() {}

    /** Obeys until there are no more lines. */
    public static void main(String[] args) throws Exception {
        LoginBrowsers browsers = new LoginBrowsers();
        browsers.idp.misbehave(new FakeIdp.Misbehaviour().claims(browsers::somebody));
        say("%s %s", browsers.idp.issuer(), browsers.site.url());
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = orders.readLine(); line != null; line = orders.readLine()) {
            String[] order = line.split(" ");
            switch (order[0]) {
                case "open" -> browsers.open(order[1]);
                case "one" -> browsers.oneAfterTheOther(Integer.parseInt(order[1]));
                case "many" -> browsers.atOnce(Integer.parseInt(order[1]), Integer.parseInt(order[2]));
                default -> throw new IOException("no such order: " + line);
            }
        }
        System.exit(0);
    }

    /** Two thousand people take turns, because one who signed in all the time would wait for themselves in the database. */
    private Map<String, Object> somebody(Map<String, Object> claims) {
        int mine = turn.getAndIncrement();
        if (mine % 100 == 0) {
            idp.forget();
            site.forget();
        }
        String name = "person" + mine % PEOPLE;
        claims.put("sub", name);
        claims.put("email", name + "@example.com");
        return claims;
    }

    private void open(String application) {
        url = application;
        while (new Login().run() != 200) {
            Thread.onSpinWait(); // the application is not known yet
        }
        say("open");
    }

    private void oneAfterTheOther(int logins) {
        long[] nanos = new long[logins];
        for (int i = 0; i < logins; i++) {
            Login login = new Login();
            if (login.run() != 200) {
                throw new IllegalStateException("a login did not end at the application");
            }
            nanos[i] = login.gateway;
        }
        Arrays.sort(nanos);
        say("%d %d", nanos[logins / 2], nanos[logins * 99 / 100]);
    }

    private void atOnce(int seconds, int browsers) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        AtomicLong failed = new AtomicLong();
        long start = System.nanoTime();
        long end = start + Duration.ofSeconds(seconds).toNanos();
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
        say("%d %d %d", done.get(), System.nanoTime() - start, failed.get());
    }

    /** One browser signing in, hop by hop; only the time on the gateway's own pages counts. */
    private final class Login {
        private long gateway;

        /** The status of the page at the end. */
        int run() {
            try (KeptBrowser browser = new KeptBrowser()) {
                return run(browser);
            }
        }

        private int run(KeptBrowser browser) {
            String next = url;
            for (int hop = 0; hop < MOST_HOPS; hop++) {
                boolean ours = !next.startsWith(idp.issuer());
                long start = System.nanoTime();
                RawHttp.Response answer = browser.get(next);
                gateway += ours ? System.nanoTime() - start : 0;
                if (answer.status() / 100 != 3) {
                    return answer.status();
                }
                next = URI.create(next)
                        .resolve(String.valueOf(answer.first("location")))
                        .toString();
            }
            throw new IllegalStateException("a login that goes round in circles");
        }
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
