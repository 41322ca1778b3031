package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.snapshot.Revocations;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Threats HH and the decisions that need a session, over raw sockets. */
class HeaderHygieneIT {
    private static Edge edge;
    private static RecordingOrigin origin;
    private static String alice;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start()
                .origin("open.localhost", origin)
                .origin("staff.localhost", origin)
                .origin("robots.localhost", origin)
                .origin("orphan.localhost", origin)
                .origin("paths.localhost", origin)
                .application("paths.localhost", Edge.bypass())
                .application("paths.localhost/admin", Edge.staff())
                .application("open.localhost", Edge.bypass())
                .application("staff.localhost", Edge.staff())
                .application("robots.localhost", Edge.programs())
                .publish();
        alice = edge.signIn("staff.localhost", "alice@example.com");
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    @BeforeEach
    void forget() {
        origin.drain();
        origin.violations().clear();
    }

    private static RawHttp.Response get(String host, String fields) {
        return RawHttp.exchange(edge.port(), "GET /x HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n");
    }

    private static RecordingOrigin.Recorded arrives(String host, String fields) {
        RawHttp.Response response = get(host, fields);
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        RecordingOrigin.Recorded got = origin.take();
        assertThat(origin.violations()).isEmpty();
        return got;
    }

    private static String cookie(String value) {
        return "Cookie: CF_Authorization=" + value + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cf-Access-Jwt-Assertion",
                "CF-ACCESS-JWT-ASSERTION",
                "cf_access_jwt_assertion",
                "Cf.Access.Jwt.Assertion",
                "Cf-Access_Jwt-Assertion",
                "Cf-Access-Authenticated-User-Email",
                "cf_access_authenticated_user_email",
                "Cf-Ray",
                "cf_ray",
                "Cf-Connecting-Ip",
                "Cf-Client-Cert-Der-Base64",
                "Cf-Access-Anything",
                "Client-Cert",
                "X-Forwarded-User",
                "X-Real-IP",
                "x_real_ip",
                "Forwarded",
                "X-Original-URL",
                "X-Rewrite-URL"
            })
    void hh01_reservedHeadersFromOutsideAreGoneInEverySpelling(String name) {
        for (String host : List.of("open.localhost", "staff.localhost")) {
            RecordingOrigin.Recorded got = arrives(host, name + ": forged\r\n" + cookie(alice));
            assertThat(got.raw()).doesNotContain("forged");
        }
    }

    @Test
    void hh02_namesInConnectionAreRemovedBeforeOursAreAdded() {
        RecordingOrigin.Recorded got = arrives(
                "staff.localhost",
                "Connection: close, X-Secret, Cf-Access-Jwt-Assertion, X-Forwarded-For, Cookie2\r\nX-Secret: a\r\n"
                        + cookie(alice));
        assertThat(got.all("x-secret")).isEmpty();
        assertThat(got.only("Cf-Access-Jwt-Assertion")).isEqualTo(alice);
        assertThat(got.only("X-Forwarded-For")).isEqualTo("127.0.0.1");
    }

    @Test
    void hh03_forwardingHeadersAreRebuiltFromTheSocket() {
        RecordingOrigin.Recorded got = arrives(
                "open.localhost",
                "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\nForwarded: for=1.2.3.4\r\n"
                        + "X-Forwarded-Prefix: /evil\r\nX-Forwarded-Port: 1\r\n");
        assertThat(got.only("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(got.only("X-Forwarded-Proto")).isEqualTo("http");
        assertThat(got.only("X-Forwarded-Host")).isEqualTo("open.localhost");
        assertThat(got.raw()).doesNotContain("evil").doesNotContain("1.2.3.4");
        assertThat(got.all("forwarded")).isEmpty();
    }

    @Test
    void hh04_namesWithUnderscoresAreDropped() {
        assertThat(arrives("open.localhost", "X_Anything: a\r\n").all("x_anything"))
                .isEmpty();
    }

    @Test
    void hh05_hopByHopFieldsOfAnOriginStopAtTheEdge() {
        origin.answerRaw(
                "/hop",
                "HTTP/1.1 200 OK\r\nConnection: x-hop\r\nX-Hop: a\r\nKeep-Alive: timeout=5\r\nProxy-Authenticate: a\r\n"
                        + "Upgrade: h2c\r\nContent-Length: 2\r\n\r\nok");
        RawHttp.Response response = RawHttp.exchange(edge.port(), "GET /hop HTTP/1.1\r\nHost: open.localhost\r\n\r\n");
        assertThat(response.status()).isEqualTo(200);
        for (String name : List.of("x-hop", "keep-alive", "proxy-authenticate", "upgrade")) {
            assertThat(response.all(name)).as(name).isEmpty();
        }
    }

    @Test
    void hh06_theAssertionStandsOnceOnAuthenticatedRequestsAndNeverOnBypassedOnes() {
        RecordingOrigin.Recorded staff = arrives("staff.localhost", cookie(alice));
        assertThat(staff.only("Cf-Access-Jwt-Assertion")).isEqualTo(alice);
        assertThat(staff.only("Cf-Access-Authenticated-User-Email")).isEqualTo("alice@example.com");
        RecordingOrigin.Recorded open = arrives("open.localhost", cookie(alice));
        assertThat(open.all("Cf-Access-Jwt-Assertion")).isEmpty();
        assertThat(open.all("Cf-Access-Authenticated-User-Email")).isEmpty();
    }

    @Test
    void hh07_otherCookiesPassByteForByte() {
        RecordingOrigin.Recorded got = arrives(
                "staff.localhost",
                "Cookie: a=\"1;  b = 2; CF_Binding=secret; CF_Authorization=" + alice
                        + "; $Version=1; c=\u00e9,x y\r\n");
        assertThat(got.only("cookie"))
                .isEqualTo("a=\"1;  b = 2; CF_Authorization=" + alice + "; $Version=1; c=\u00e9,x y");
    }

    @Test
    void hh07_serviceSecretsNeverReachAnOrigin() {
        String credentials =
                "Cf-Access-Client-Id: " + Edge.CLIENT_ID + "\r\nCf-Access-Client-Secret: " + Edge.SECRET + "\r\n";
        RecordingOrigin.Recorded robots = arrives("robots.localhost", credentials);
        assertThat(robots.raw()).doesNotContain(Edge.SECRET);
        assertThat(robots.only("Cf-Access-Jwt-Assertion")).contains(".");
        assertThat(robots.all("Cf-Access-Client-Id")).isEmpty();
        assertThat(arrives("open.localhost", credentials).raw()).doesNotContain(Edge.SECRET);
    }

    @Test
    void hh08_anOriginCannotTouchTheEdgesCookies() {
        origin.answerRaw(
                "/cookies",
                "HTTP/1.1 200 OK\r\nSet-Cookie: CF_Authorization=evil; Path=/\r\nSet-Cookie:  CF_Binding =x\r\n"
                        + "Set-Cookie: mine=ok\r\nCf-Ray: evil\r\nContent-Length: 2\r\n\r\nok");
        RawHttp.Response response =
                RawHttp.exchange(edge.port(), "GET /cookies HTTP/1.1\r\nHost: open.localhost\r\n\r\n");
        assertThat(response.all("set-cookie")).containsExactly("mine=ok");
        assertThat(response.all("cf-ray")).singleElement().asString().matches("[0-9a-f]{16}");
    }

    @Test
    void hh08_norByACookieWithoutAName() {
        origin.answerRaw(
                "/nameless",
                "HTTP/1.1 200 OK\r\nSet-Cookie: =CF_Authorization=evil; Path=/\r\nSet-Cookie: = CF_AppPass=x\r\n"
                        + "Set-Cookie: =own=ok\r\nSet-Cookie: CF_Binding; Path=/\r\nContent-Length: 2\r\n\r\nok");
        RawHttp.Response response =
                RawHttp.exchange(edge.port(), "GET /nameless HTTP/1.1\r\nHost: open.localhost\r\n\r\n");
        assertThat(response.all("set-cookie")).containsExactly("=own=ok", "CF_Binding; Path=/");
    }

    /** A cache between us and the visitors would hand it to somebody whom the gate never saw. */
    @Test
    void cs13_whatIsForOnePersonIsKeptOutOfSharedCachesWhateverTheOriginSays() {
        for (String[] each : new String[][] {
            {"", "private"},
            {"Cache-Control: public, max-age=60, s-maxage=600, immutable\r\n", "max-age=60, immutable, private"},
            {
                "Cache-Control: PUBLIC\r\nCache-Control: no-cache=\"set-cookie, x\"\r\n",
                "no-cache=\"set-cookie, x\", private"
            },
            {"Cache-Control: private=\"x-a\", max-age=9\r\n", "private=\"x-a\", max-age=9, private"},
            {"Cache-Control: no-store\r\n", "no-store"},
            {"Cache-Control: Private, max-age=5\r\n", "Private, max-age=5"}
        }) {
            origin.answerRaw(
                    "/cached",
                    "HTTP/1.1 200 OK\r\n" + each[0]
                            + "CDN-Cache-Control: max-age=600\r\nSurrogate-Control: max-age=600\r\n"
                            + "Content-Length: 2\r\n\r\nok");
            RawHttp.Response staff = RawHttp.exchange(
                    edge.port(), "GET /cached HTTP/1.1\r\nHost: staff.localhost\r\n" + cookie(alice) + "\r\n");
            assertThat(staff.all("cache-control")).as(each[0]).containsExactly(each[1]);
            assertThat(staff.all("cdn-cache-control")).isEmpty();
            assertThat(staff.all("surrogate-control")).isEmpty();
        }
        origin.answerRaw(
                "/cached", "HTTP/1.1 200 OK\r\nCache-Control: public, max-age=60\r\nContent-Length: 2\r\n\r\nok");
        RawHttp.Response open = RawHttp.exchange(edge.port(), "GET /cached HTTP/1.1\r\nHost: open.localhost\r\n\r\n");
        assertThat(open.first("cache-control")).as("what is for everybody").isEqualTo("public, max-age=60");
    }

    @Test
    void hh09_traceAndRequestIdsAreCheckedOrReplaced() {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        RecordingOrigin.Recorded good =
                arrives("open.localhost", "traceparent: " + trace + "\r\nX-Request-Id: a-1\r\n");
        assertThat(good.only("traceparent"))
                .startsWith("00-0af7651916cd43dd8448eb211c80319c-")
                .endsWith("-01");
        assertThat(good.only("traceparent")).contains(String.valueOf(good.only("cf-ray")));
        assertThat(good.only("x-request-id")).isEqualTo("a-1");
        RecordingOrigin.Recorded bad =
                arrives("open.localhost", "traceparent: evil\r\ntracestate: a=b\r\nX-Request-Id: ${jndi}\r\n");
        assertThat(bad.only("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
        assertThat(bad.all("x-request-id")).isEmpty();
        assertThat(bad.all("tracestate")).isEmpty();
    }

    @Test
    void aStrangerIsSentToLogInAndTheOriginHearsNothing() {
        RawHttp.Response response = get("staff.localhost", "Accept: text/html\r\n");
        assertThat(response.status()).isEqualTo(302);
        assertThat(response.first("location"))
                .startsWith("http://auth.localhost:" + edge.port() + "/cdn-cgi/access/login/staff.localhost?kid=")
                .contains("redirect_url=%2Fx")
                .contains("&meta=ey");
        assertThat(response.first("set-cookie"))
                .startsWith("CF_AppSession=")
                .contains("Secure")
                .contains("HttpOnly")
                .contains("Expires=");
        assertThat(response.first("cache-control")).contains("no-store");
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void oi01_strangersWhoOpenTheSamePageShareTheSignedMetaAndNotTheMarkOfTheirBrowser() {
        String first = get("staff.localhost", "Accept: text/html\r\n").first("location");
        String second = get("staff.localhost", "Accept: text/html\r\n").first("location");

        assertThat(parameter(second, "meta")).isEqualTo(parameter(first, "meta"));
        assertThat(parameter(second, "app_session"))
                .hasSizeGreaterThan(40)
                .isNotEqualTo(parameter(first, "app_session"));
    }

    private static String parameter(String url, String name) {
        return url.replaceAll(".*[?&]" + name + "=", "").replaceAll("&.*", "");
    }

    static Stream<String> background() {
        return Stream.of("X-Requested-With: XMLHttpRequest", "Accept: application/json", "Sec-Fetch-Mode: cors");
    }

    @Test
    void cs12_backgroundRequestsGet401() {
        background()
                .forEach(field -> assertThat(
                                get("staff.localhost", field + "\r\n").status())
                        .as(field)
                        .isEqualTo(401));
    }

    @Test
    void st02_strictServiceTokens() {
        String wrong = "Cf-Access-Client-Id: " + Edge.CLIENT_ID + "\r\nCf-Access-Client-Secret: wrong\r\n";
        String right =
                "Cf-Access-Client-Id: " + Edge.CLIENT_ID + "\r\nCf-Access-Client-Secret: " + Edge.SECRET + "\r\n";
        assertThat(get("robots.localhost", wrong).status()).isEqualTo(401);
        assertThat(get("staff.localhost", wrong + cookie(alice)).status()).isEqualTo(401);
        assertThat(get("staff.localhost", right).status()).isEqualTo(403);
        assertThat(get("robots.localhost", right).all("set-cookie")).isEmpty();
        origin.drain();
    }

    /** A thief asks without pause, so that a replica that has not heard of the rotation yet gives one more cookie. */
    @Test
    void st04_aCookieGotWhileARotationWasOnItsWayDiesWithTheOldSecret() {
        Revocations before = edge.revocations;
        edge.strictServiceTokens = false;
        edge.publish();
        try {
            String right =
                    "Cf-Access-Client-Id: " + Edge.CLIENT_ID + "\r\nCf-Access-Client-Secret: " + Edge.SECRET + "\r\n";
            String given = get("robots.localhost", right)
                    .all("set-cookie")
                    .getFirst()
                    .replaceAll("^CF_Authorization=|;.*", "");
            assertThat(get("robots.localhost", cookie(given)).status()).isEqualTo(200);

            rotatedSince(Duration.ofSeconds(2));
            assertThat(get("robots.localhost", cookie(given)).status()).isNotEqualTo(200);
            assertThat(get("robots.localhost", right + cookie(given)).status())
                    .as("the secret itself")
                    .isEqualTo(200);

            rotatedSince(Duration.ofMinutes(1));
            assertThat(get("robots.localhost", cookie(given)).status())
                    .as("one that was got long after")
                    .isEqualTo(200);
        } finally {
            edge.revocations = before;
            edge.strictServiceTokens = true;
            edge.publish();
            origin.drain();
        }
    }

    private static void rotatedSince(Duration age) {
        Instant at = InstantSource.system().instant().minus(age);
        edge.revocations = new Revocations(1, Map.of(), Map.of(), Map.of(), Map.of(Edge.CLIENT_ID, at), Set.of());
        edge.publish();
    }

    @Test
    void st03_doubledOrIncompleteCredentialsAre401() {
        String id = "Cf-Access-Client-Id: " + Edge.CLIENT_ID + "\r\n";
        String secret = "Cf-Access-Client-Secret: " + Edge.SECRET + "\r\n";
        for (String fields : List.of(id, secret, id + id + secret, id + secret + secret)) {
            assertThat(get("robots.localhost", fields).status()).as(fields).isEqualTo(401);
        }
    }

    @Test
    void st05_guessesAtAServiceTokenNeitherPassNorLockItsHolderOut() {
        String id = "Cf-Access-Client-Id: " + Edge.CLIENT_ID + "\r\n";
        for (int i = 0; i < 200; i++) {
            assertThat(get("robots.localhost", id + "Cf-Access-Client-Secret: guess" + i + "\r\n")
                            .status())
                    .isEqualTo(401);
        }
        assertThat(get("robots.localhost", id + "Cf-Access-Client-Secret: " + Edge.SECRET + "\r\n")
                        .status())
                .isEqualTo(200);
        origin.drain();
    }

    @Test
    void pn06_unknownHostsAndHostsWithoutApplication() {
        assertThat(get("nobody.localhost", "").status()).isEqualTo(404);
        assertThat(get("orphan.localhost", "").status()).isEqualTo(403);
        assertThat(arrives("OPEN.localhost.", "").only("host")).isEqualTo("open.localhost");
        assertThat(origin.drain()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/cdn-cgi/access/get-identity", "/cdn-cgi/access/x", "/CDN-CGI/access/x", "/cdn-cgi//access/x",
                "/a/../cdn-cgi/access/x", "/cdn-cgi/%61ccess/x", "/cdn-cgi/access", "/%63dn-cgi/access/x",
                "/cdn-cgi/%2561ccess/x"
            })
    void pn05_ourPathIsNeverForwardedUnderAnyReading(String path) {
        for (String host : List.of("open.localhost", "orphan.localhost", "nobody.localhost")) {
            RawHttp.Response response =
                    RawHttp.exchange(edge.port(), "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
            assertThat(response.status()).isIn(400, 401, 403, 404);
        }
        assertThat(origin.drain()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/Admin",
                "/ADMIN/users",
                "/%2561dmin",
                "/x/%252e%252e/admin",
                "/x%252f%252e%252e%252fadmin",
                "/admin%3Bx",
                "/x%255c..%255cadmin"
            })
    void pn02_aPathThatAnOriginCouldReadAsOneOfAStricterApplicationIsNotForwarded(String path) {
        RawHttp.Response response = RawHttp.exchange(
                edge.port(), "GET " + path + " HTTP/1.1\r\nHost: paths.localhost\r\nConnection: close\r\n\r\n");
        assertThat(response.status()).isEqualTo(400);
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void pn02_whatIsNobodyElsesIsForwardedAsItWasMatched() {
        for (String path : List.of("/Administration", "/job/a%252Fb", "/100%25", "/X/Y")) {
            RawHttp.Response response = RawHttp.exchange(
                    edge.port(), "GET " + path + " HTTP/1.1\r\nHost: paths.localhost\r\nConnection: close\r\n\r\n");
            assertThat(response.status()).as(path).isEqualTo(200);
            assertThat(origin.take().target()).isEqualTo(path);
        }
    }

    @Test
    void ad01_adminApiAndActuatorAnswerOnTheirOwnHostsOnly() {
        for (String path : List.of("/client/v4/accounts", "/actuator/health", "/metrics", "/livez", "/readyz")) {
            RawHttp.Response team =
                    RawHttp.exchange(edge.port(), "GET " + path + " HTTP/1.1\r\nHost: auth.localhost\r\n\r\n");
            assertThat(team.status()).as("team %s", path).isIn(401, 404);
            RawHttp.Response nobody =
                    RawHttp.exchange(edge.port(), "GET " + path + " HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n");
            assertThat(nobody.status()).as("nobody %s", path).isEqualTo(404);
        }
    }

    @Test
    void thePublicPortTellsNoMetricsButTheManagementPortDoes() {
        RawHttp.exchange(edge.port(), "GET /x HTTP/1.1\r\nHost: open.localhost\r\n\r\n");
        RawHttp.Response metrics =
                RawHttp.exchange(edge.managementPort(), "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertThat(new String(metrics.body(), StandardCharsets.UTF_8))
                .contains("sallyport_decisions_total{outcome=\"bypassed\"")
                .contains("sallyport_requests_seconds")
                .contains("sallyport_upstream_seconds");
    }
}
