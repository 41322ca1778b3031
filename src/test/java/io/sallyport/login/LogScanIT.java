package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.read.ListAppender;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** LO-01 and LO-02: two whole sign-ins, requests of every kind and a failed one, at DEBUG; then every line is searched for secrets. */
class LogScanIT {
    private static final String ROBOTS = "robots-logs.localhost";

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private Level before = Level.INFO;

    @BeforeEach
    void listen() {
        world.idp.behave();
        before = root.getLevel();
        lines.list = Collections.synchronizedList(new ArrayList<>()); // it is read while others write
        lines.start();
        root.addAppender(lines);
        root.setLevel(Level.DEBUG);
    }

    @AfterEach
    void stopListening() {
        root.setLevel(before);
        root.detachAppender(lines);
    }

    @Test
    void lo01_noLineHoldsASecret() {
        Map<String, String> secrets = new LinkedHashMap<>();
        secrets.put("admin token", TestServer.ADMIN_TOKEN);
        secrets.put("client secret", FakeIdp.SECRET);
        byProvider(secrets);
        byCode(secrets);
        asAProgram(secrets);
        refused(secrets);

        List<String> found = new ArrayList<>();
        for (ILoggingEvent event : List.copyOf(lines.list)) {
            if (event.getLoggerName().startsWith("com.sun.net.httpserver")) {
                continue; // the provider and the origin of this test, in the same process
            }
            String text = text(event);
            secrets.forEach((what, secret) -> {
                if (text.contains(secret)) {
                    found.add(what + " in " + event.getLoggerName() + ": "
                            + text.lines().findFirst().orElse(""));
                }
            });
        }
        assertThat(lines.list).as("the scan sees what happens").hasSizeGreaterThan(50);
        assertThat(found).isEmpty();
        assertThat(List.copyOf(lines.list).stream()
                        .filter(event -> event.getLoggerName().startsWith("io.sallyport"))
                        .map(ILoggingEvent::getFormattedMessage))
                .as("LO-02: one event is one line")
                .noneMatch(message -> message.contains("\n"));
        String metrics = RawHttp.exchange(
                        world.server.managementPort(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .text();
        secrets.forEach((what, secret) -> assertThat(metrics).as(what).doesNotContain(secret));
    }

    private void byProvider(Map<String, String> secrets) {
        Answer page = visitor.open(world.url(LoginServer.WIKI, "/?secret=query-secret-1"));
        Answer toIdp = visitor.get(world.url(LoginServer.TEAM, page.link("Continue with Fake")));
        Answer end = visitor.follow(toIdp);
        assertThat(end.status()).isEqualTo(200);
        secrets.put("query", "query-secret-1");
        secrets.put("state", world.idp.authorizations().getLast().get("state"));
        secrets.put("nonce", world.idp.authorizations().getLast().get("nonce"));
        secrets.put("code", world.idp.redemptions().getLast().get("code"));
        secrets.put("code verifier", world.idp.redemptions().getLast().get("code_verifier"));
        cookies("provider", visitor, secrets);
        assertThat(visitor.get(world.url(LoginServer.WIKI, "/cdn-cgi/access/get-identity"))
                        .status())
                .isEqualTo(200);
        assertThat(visitor.get(world.url(LoginServer.WIKI, "/cdn-cgi/access/logout"))
                        .status())
                .isLessThan(500);
    }

    private void byCode(Map<String, String> secrets) {
        Visitor grace = new Visitor();
        Answer page = grace.open(world.url(LoginServer.WIKI, "/"));
        Answer asked = grace.submit(
                world.url(LoginServer.TEAM, "/cdn-cgi/access/pin/send"),
                Map.of("form", page.field("form"), "email", "logs@example.com"));
        String pin = world.pin("logs@example.com", 1);
        enter(grace, asked, pin.equals("000000") ? "111111" : "000000");
        assertThat(enter(grace, asked, pin).status()).isEqualTo(200);
        secrets.put("PIN", "\"" + pin + "\"");
        secrets.put("PIN in a form", "=" + pin);
        secrets.put("PIN in words", " " + pin + " ");
        cookies("code", grace, secrets);
    }

    private Answer enter(Visitor who, Answer page, String pin) {
        return who.submit(
                world.url(LoginServer.TEAM, "/cdn-cgi/access/pin"), Map.of("form", page.field("form"), "pin", pin));
    }

    private void asAProgram(Map<String, String> secrets) {
        JsonNode token = world.admin.post("/access/service_tokens", "{\"name\":\"log scan\"}");
        String secret = token.get("client_secret").asString();
        String policy = world.admin
                .post(
                        "/access/policies",
                        "{\"name\":\"Robots\",\"decision\":\"non_identity\",\"include\":[{\"any_valid_service_token\":{}}]}")
                .get("id")
                .asString();
        world.application(ROBOTS, policy, "");
        Visitor robot = new Visitor()
                .header("CF-Access-Client-Id", token.get("client_id").asString())
                .header("CF-Access-Client-Secret", secret);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> robot.get(world.url(ROBOTS, "/")).status() == 200);
        secrets.put("service secret", secret);
        secrets.put("service assertion", world.site.lastVisitTo("/").headers().getFirst("Cf-Access-Jwt-Assertion"));
    }

    private void refused(Map<String, String> secrets) {
        Visitor thief = new Visitor();
        thief.plant(LoginServer.WIKI, "CF_Authorization", "eyJhbGciOiJub25lIn0.planted-cookie.x");
        thief.header("CF-Access-Client-Secret", "planted-service-secret")
                .header("Authorization", "Bearer planted-bearer");
        thief.get(world.url(LoginServer.WIKI, "/"));
        thief.get(world.url(LoginServer.TEAM, "/cdn-cgi/access/callback?code=planted-code&state=planted-state"));
        thief.get(world.url("console.localhost", "/client/v4/accounts"));
        world.idp.misbehave(new FakeIdp.Misbehaviour().idToken(token -> "planted." + token));
        Visitor other = new Visitor();
        Answer page = other.open(world.url(LoginServer.BOUND, "/"));
        other.follow(other.get(world.url(LoginServer.TEAM, page.link("Continue with Fake"))));
        secrets.put("code of a failed login", world.idp.redemptions().getLast().get("code"));
        List.of("planted-cookie", "planted-service-secret", "planted-bearer", "planted-code", "planted-state")
                .forEach(each -> secrets.put(each, each));
        world.idp.behave();
    }

    private static void cookies(String whose, Visitor visitor, Map<String, String> secrets) {
        for (String host : List.of(LoginServer.WIKI, LoginServer.TEAM)) {
            for (String name : List.of("CF_Authorization", "CF_AppSession", "CF_Session", "CF_Device")) {
                String value = visitor.cookie(host, name);
                if (!value.isEmpty()) {
                    secrets.put(name + " of " + host + " by " + whose, value);
                }
            }
        }
    }

    private static String text(ILoggingEvent event) {
        StringBuilder text = new StringBuilder(event.getFormattedMessage());
        for (IThrowableProxy cause = event.getThrowableProxy(); cause != null; cause = cause.getCause()) {
            text.append('\n').append(cause.getMessage());
        }
        return text.toString();
    }
}
