package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.http.UrlPattern;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.Selector;
import io.sallyport.snapshot.Application;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestApplication;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How the edge says no: redirects of the admin's, 401 for programs, public paths, a configuration that is too old, and the log. */
class EdgeAnswersIT {
    private static final ListAppender<ILoggingEvent> LINES = new ListAppender<>();

    private static Edge edge;
    private static RecordingOrigin origin;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start("sallyport.access-log.format=text");
        LINES.list = new CopyOnWriteArrayList<>(); // it is read while others write
        LINES.start();
        accessLog().addAppender(LINES);
    }

    @AfterAll
    static void stop() {
        accessLog().detachAppender(LINES);
        edge.close();
        origin.close();
    }

    private static Logger accessLog() {
        return (Logger) LoggerFactory.getLogger("io.sallyport");
    }

    @BeforeEach
    void world() {
        origin.drain();
        LINES.list.clear();
        edge.silentFor(Duration.ZERO);
        edge.origin("app.localhost", origin)
                .origin("open.localhost", origin)
                .application("app.localhost", Edge.staff())
                .application("open.localhost", Edge.bypass())
                .publish();
    }

    @Test
    void r51ShortAnswerThatEndsTooEarlyIsNoAnswerOfTheOrigins() {
        origin.answer(request -> request.target().equals("/torn"), (request, in, out) -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nSet-Cookie: a=b\r\n\r\nhalf of it"
                    .getBytes(StandardCharsets.US_ASCII));
            return false;
        });

        RawHttp.Response answer = get("open.localhost", "/torn", "");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.text()).contains("The application cannot be reached").doesNotContain("half of it");
        assertThat(answer.all("Set-Cookie")).isEmpty();
    }

    /** cloudflared signs somebody in to whatever it is told of. */
    @Test
    void aCommandLineIsToldOfNoApplicationWhereNobodyIsAskedForASignIn() {
        String asks = "Cf-Access-Metadata-Request: true\r\n";

        RawHttp.Response open = get("open.localhost", "/", asks);
        assertThat(open.status()).isEqualTo(200);
        assertThat(open.all("Cf-Access-Metadata")).isEmpty();
        assertThat(open.all("CF-Access-Domain")).containsExactly("open.localhost");
        assertThat(get("app.localhost", "/", asks).all("Cf-Access-Metadata")).hasSize(1);
        assertThat(origin.drain()).as("the gate answers these itself").isEmpty();
    }

    @Test
    void whatAClientDidNotSayOfItselfIsNotSaidToTheOrigin() {
        assertThat(get("open.localhost", "/", "").status()).isEqualTo(200);

        assertThat(origin.take().all("User-Agent")).isEmpty();
    }

    private static RawHttp.Response get(String host, String path, String fields) {
        return RawHttp.exchange(
                edge.port(),
                "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n" + fields + "\r\n");
    }

    private static String cookie(String token) {
        return "Cookie: CF_Authorization=" + token + "\r\n";
    }

    private static Application with(
            Application a, List<UrlPattern> overrides, boolean serviceAuth401, Application.DenySettings deny) {
        return with(a, a.name(), overrides, serviceAuth401, deny);
    }

    private static Application with(
            Application a,
            String name,
            List<UrlPattern> overrides,
            boolean serviceAuth401,
            Application.DenySettings deny) {
        return TestApplication.like(a)
                .name(name)
                .overrides(overrides)
                .serviceAuth401(serviceAuth401)
                .deny(deny)
                .build();
    }

    private static void app(CompiledPolicy policy, Application.DenySettings deny) {
        edge.application("app.localhost", policy, a -> with(a, List.of(), false, deny))
                .publish();
    }

    private static final Application.DenySettings PLAIN = new Application.DenySettings(null, null, null);

    private static CompiledPolicy others() {
        return Edge.policy(PolicyAction.ALLOW, new Selector.EmailDomain("other.example"));
    }

    private static CompiledPolicy nobody() {
        return Edge.policy(PolicyAction.DENY, new Selector.Everyone());
    }

    @Test
    void fc02_r12_aConfigurationTooOldSaysNoToAllButBypass() {
        String alice = edge.signIn("app.localhost", "alice@example.com");
        edge.silentFor(Duration.ofMinutes(14));
        assertThat(get("app.localhost", "/x", cookie(alice)).status()).isEqualTo(200);
        origin.drain();
        edge.silentFor(Duration.ofMinutes(16));
        RawHttp.Response refused = get("app.localhost", "/x", cookie(alice));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.first("retry-after")).isNotNull();
        assertThat(origin.drain()).isEmpty();
        assertThat(get("open.localhost", "/x", "").status()).isEqualTo(200);
        edge.silentFor(Duration.ZERO);
        assertThat(get("app.localhost", "/x", cookie(alice)).status()).isEqualTo(200);
    }

    @Test
    void fc02_r12_aStrictApplicationSaysNoAfterAMinute() {
        edge.strict = true;
        edge.application("strict.localhost", Edge.staff());
        edge.strict = false;
        edge.origin("strict.localhost", origin).publish();
        String alice = edge.signIn("strict.localhost", "alice@example.com");
        edge.silentFor(Duration.ofSeconds(50));
        assertThat(get("strict.localhost", "/x", cookie(alice)).status()).isEqualTo(200);
        origin.drain();
        edge.silentFor(Duration.ofSeconds(61));
        assertThat(get("strict.localhost", "/x", cookie(alice)).status()).isEqualTo(503);
        assertThat(origin.drain()).isEmpty();
        assertThat(get("app.localhost", "/x", cookie(edge.signIn("app.localhost", "alice@example.com")))
                        .status())
                .as("the others go on")
                .isEqualTo(200);
        edge.silentFor(Duration.ZERO);
        assertThat(get("strict.localhost", "/x", cookie(alice)).status()).isEqualTo(200);
    }

    @Test
    void aServiceAuthPolicyThatBlocksAnswers401WhenTheApplicationSaysSo() {
        edge.application("app.localhost", Edge.programs(), a -> with(a, List.of(), true, PLAIN))
                .publish();
        assertThat(get("app.localhost", "/x", "").status()).isEqualTo(401);
        edge.application("app.localhost", Edge.programs(), a -> with(a, List.of(), false, PLAIN))
                .publish();
        assertThat(get("app.localhost", "/x", "").status()).isEqualTo(403);
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void aRefusedPersonGoesWhereTheApplicationSendsThem() {
        String alice = edge.signIn("app.localhost", "alice@example.com");
        app(
                others(),
                new Application.DenySettings("Ask Bob.", "https://help.example/denied", "https://help.example/net"));
        RawHttp.Response sent = get("app.localhost", "/x", cookie(alice));
        assertThat(sent.status()).isEqualTo(302);
        assertThat(sent.first("location")).isEqualTo("https://help.example/denied");
        assertThat(sent.first("cache-control")).contains("no-store");
        assertThat(get("app.localhost", "/x", cookie(alice) + "X-Requested-With: XMLHttpRequest\r\n")
                        .status())
                .as("a background request cannot follow")
                .isEqualTo(403);
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void aRequestRefusedWhoeverItIsGoesToTheOtherAddress() {
        app(nobody(), new Application.DenySettings(null, "https://help.example/denied", "https://help.example/net"));
        RawHttp.Response sent = get("app.localhost", "/x", "");
        assertThat(sent.status()).isEqualTo(302);
        assertThat(sent.first("location")).isEqualTo("https://help.example/net");
        app(nobody(), PLAIN);
        assertThat(get("app.localhost", "/x", "").status()).isEqualTo(403);
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void er01_theRefusalShowsTheApplicationsWordsEscaped() {
        String alice = edge.signIn("app.localhost", "alice@example.com");
        app(others(), new Application.DenySettings("Ask <b>Bob</b>.", null, null));
        assertThat(get("app.localhost", "/x", cookie(alice)).text())
                .contains("Ask &lt;b&gt;Bob&lt;/b&gt;.")
                .contains("Use another account")
                .contains("/cdn-cgi/access/login/app.localhost?kid=")
                .contains("redirect_url=%2Fx&amp;fresh=1")
                .contains("alice@example.com");
    }

    @Test
    void aPublicPathIsOpenToTheLetterAndNothingBesideItIs() {
        edge.application(
                        "app.localhost",
                        Edge.staff(),
                        a -> with(
                                a,
                                List.of(
                                        UrlPattern.parse("app.localhost/health"),
                                        UrlPattern.parse("app.localhost/pub/*")),
                                false,
                                PLAIN))
                .publish();
        for (String open : List.of("/health", "/health?a=b", "/pub/a", "/pub/a/b")) {
            assertThat(get("app.localhost", open, "").status()).as(open).isEqualTo(200);
            assertThat(origin.take().all("cf-access-jwt-assertion")).isEmpty();
        }
        for (String closed : List.of("/", "/healthz", "/health/x", "/pub", "/x/health", "/pub/../x", "/HEALTH")) {
            assertThat(get("app.localhost", closed, "").status()).as(closed).isEqualTo(302);
        }
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void lo02_theTextLogHasOneLineForEachRequest() {
        String alice = edge.signIn("app.localhost", "alice@example.com");
        RawHttp.Response answer = get("app.localhost", "/a%20b?secret=1", cookie(alice));
        String line = line("ray=\"" + Objects.requireNonNull(answer.first("cf-ray")) + "\"");
        assertThat(line)
                .contains("method=\"GET\"")
                .contains("host=\"app.localhost\"")
                .contains("status=200")
                .contains("decision=\"allowed\"")
                .contains("policy=\"test policy\"")
                .contains("identity=\"alice@example.com\"")
                .doesNotContain("\n")
                .doesNotContain("secret")
                .doesNotContain(alice);
    }

    @Test
    void lo02_whatAnAdminNamedCannotBreakALine() {
        String name = "two\nlines\u2028\u001b[31m \"quoted\"";
        edge.application("app.localhost", nobody(), a -> with(a, name, List.of(), false, PLAIN))
                .publish();
        get("app.localhost", "/x", "");
        assertThat(line("app_name=\"two"))
                .contains("app_name=\"two\\u000alines\\u2028\\u001b[31m \\\"quoted\\\"\"")
                .doesNotContain("\n");
    }

    @Test
    void lo03_refusalsOnTheWireHaveARayAndALine() {
        RawHttp.Response malformed = RawHttp.exchange(edge.port(), "GET  / HTTP/1.1\r\nHost: app.localhost\r\n\r\n");
        assertThat(malformed.status()).isEqualTo(400);
        String ray = Objects.requireNonNull(malformed.first("cf-ray"));
        assertThat(ray).matches("[0-9a-f]{16}");
        await("the line, which a thread of its own writes")
                .until(() -> LINES.list.stream()
                        .anyMatch(line -> line.getFormattedMessage().contains("ray=" + ray)));
    }

    private static List<String> accessLines() {
        return LINES.list.stream()
                .filter(event -> event.getLoggerName().equals("io.sallyport.access"))
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    /** The line of the access log with that in it; the one before it may be of a request of the test before. */
    private static String line(String part) {
        return await().until(
                        () -> accessLines().stream()
                                .filter(line -> line.contains(part))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }
}
