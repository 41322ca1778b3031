package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.sallyport.http.HostName;
import io.sallyport.mtls.Authority;
import io.sallyport.mtls.Demands;
import io.sallyport.mtls.Pem;
import io.sallyport.mtls.Revocation;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.Selector;
import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RawHttp2;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import io.sallyport.testkit.TestClientAuthority;
import io.sallyport.testkit.TestClientAuthority.Issued;
import io.sallyport.testkit.TestResponder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Client certificates over real TLS (ST-06, PN-09): who gets in, and every burglar who does not. */
class ClientCertificateIT {
    private static final String HOST = "devices.example.test";
    private static final String OTHER = "printers.example.test";
    private static final String STAFF = "staff.example.test";
    private static final String OPEN = "open.example.test";

    private static final TestAuthority SERVER = new TestAuthority("Server CA");
    private static final TestClientAuthority DEVICES = TestClientAuthority.root("Devices");
    private static final TestClientAuthority PRINTERS = TestClientAuthority.root("Printers");
    private static final Instant NOW = InstantSource.system().instant();

    @TempDir
    private static Path files;

    private static Edge edge;
    private static RecordingOrigin origin;
    private static HttpServer lists;
    private static final AtomicReference<byte[]> LIST = new AtomicReference<>(DEVICES.list());

    @BeforeAll
    static void start() throws IOException {
        Path certificate = files.resolve("tls.crt");
        Path key = files.resolve("tls.key");
        SERVER.issue(HOST, OTHER, STAFF, OPEN).write(certificate, key);
        origin = RecordingOrigin.start();
        origin.answer(request -> request.target().equals("/ws"), (request, in, out) -> {
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            in.readAllBytes(); // it stays until the gate ends it
            return false;
        });
        lists = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        lists.createContext("/ca.crl", exchange -> {
            byte[] list = LIST.get();
            exchange.sendResponseHeaders(200, list.length);
            exchange.getResponseBody().write(list);
            exchange.close();
        });
        lists.start();
        edge = Edge.start(
                "sallyport.https.port=0",
                "sallyport.tls.certificate=" + certificate,
                "sallyport.tls.key=" + key,
                "sallyport.client-certificate.header=Client-Cert");
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
        lists.stop(0);
    }

    @BeforeEach
    void world() throws Pem.Unusable {
        publish(Revocation.NAMED);
    }

    private static void publish(Revocation revocation) throws Pem.Unusable {
        Map<Authority, Set<HostName>> authorities = new LinkedHashMap<>();
        authorities.put(authority(DEVICES, revocation), Set.of(host(HOST), host(STAFF)));
        authorities.put(authority(PRINTERS, revocation), Set.of(host(OTHER)));
        edge.demands = Demands.of(authorities, Set.of(host(HOST)));
        edge.origin(HOST, origin)
                .origin(OTHER, origin)
                .origin(STAFF, origin)
                .origin(OPEN, origin)
                .application(HOST, Edge.policy(PolicyAction.NON_IDENTITY, new Selector.AnyCertificate()))
                .application(OTHER, Edge.policy(PolicyAction.NON_IDENTITY, new Selector.CommonName("printer-1")))
                .application(
                        STAFF,
                        Edge.policy(
                                PolicyAction.ALLOW,
                                new Selector.EmailDomain("example.com"),
                                new Selector.AnyCertificate()))
                .application(OPEN, Edge.bypass())
                .publish();
        origin.drain();
    }

    private static Authority authority(TestClientAuthority authority, Revocation revocation) throws Pem.Unusable {
        return new Authority(
                authority.certificate().getSubjectX500Principal().getName(),
                Pem.authority(authority.pem()),
                revocation,
                null);
    }

    private static HostName host(String name) {
        return HostName.parse(name).orElseThrow();
    }

    private static URI list() {
        return URI.create("http://127.0.0.1:" + lists.getAddress().getPort() + "/ca.crl");
    }

    private static RawHttp connect(SSLContext client, String serverName, String... protocols) throws SSLException {
        return RawHttp.secure(edge.httpsPort(), client, parameters(serverName, protocols));
    }

    private static SSLParameters parameters(String serverName, String... protocols) {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(protocols.length == 0 ? new String[] {"TLSv1.3"} : protocols);
        parameters.setServerNames(List.of(new SNIHostName(serverName)));
        return parameters;
    }

    private static String get(String host, String... fields) {
        return "GET /x HTTP/1.1\r\nHost: " + host + "\r\nAccept: text/html\r\n"
                + String.join("", List.of(fields).stream().map(f -> f + "\r\n").toList()) + "\r\n";
    }

    private static RawHttp.Response ask(SSLContext client, String host, String... fields) throws SSLException {
        try (RawHttp http = connect(client, host)) {
            return http.send(get(host, fields)).response();
        }
    }

    private static void refused(SSLContext client, String host) throws SSLException {
        RawHttp.Response answer = ask(client, host);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.all("set-cookie")).isEmpty();
        assertThat(origin.drain()).isEmpty();
    }

    private static JsonNode claims(String token) {
        return JsonMapper.shared()
                .readTree(new String(Base64.getUrlDecoder().decode(token.split("\\.")[1]), StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void aCertificateOfTheHostsAuthorityGetsIn(String protocol) throws Exception {
        Issued laptop = DEVICES.client("laptop-7").issue();
        try (RawHttp http = connect(laptop.client(), HOST, protocol)) {
            RawHttp.Response answer = http.send(get(HOST)).response();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.all("set-cookie")).hasSize(1).first().asString().startsWith("CF_Authorization=");
        }
        RecordingOrigin.Recorded received = origin.take();
        JsonNode token = claims(received.only("cf-access-jwt-assertion"));
        assertThat(token.path("common_name").stringValue()).isEqualTo("laptop-7");
        assertThat(token.path("sub").stringValue()).isEmpty();
        assertThat(token.path("type").stringValue()).isEqualTo("app");
        assertThat(token.path("mtls_auth").path("auth_status").stringValue()).isEqualTo("SUCCESS");
        assertThat(token.path("mtls_auth").path("cert_issuer_dn").stringValue()).isEqualTo("CN=Devices");
        assertThat(token.path("cnf").path("x5t#S256").stringValue())
                .isEqualTo(Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(sha256(laptop.certificate().getEncoded())));
        assertThat(received.only("cf-client-cert-der-base64")).isEqualTo(laptop.der());
        assertThat(received.only("cf-client-cert-sha256"))
                .isEqualTo(HexFormat.of().formatHex(sha256(laptop.certificate().getEncoded())));
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    @Test
    void theCookieIsGivenOnceAndOnlyTheHostThatForwardsTellsTheOrigin() throws Exception {
        try (RawHttp http = connect(PRINTERS.client("printer-1").issue().client(), OTHER)) {
            String cookie = http.send(get(OTHER))
                    .response()
                    .all("set-cookie")
                    .getFirst()
                    .split(";")[0];
            assertThat(http.send(get(OTHER, "Cookie: " + cookie)).response().all("set-cookie"))
                    .isEmpty();
        }
        assertThat(origin.take().all("cf-client-cert-der-base64")).isEmpty();
    }

    @Test
    void st06_whoShowsNothingOrTheWrongThingIsRefused() throws Exception {
        refused(TestClientAuthority.nobody(), HOST);
        refused(DEVICES.client("x").until(NOW.minusSeconds(5)).issue().client(), HOST);
        refused(DEVICES.client("x").from(NOW.plusSeconds(3600)).issue().client(), HOST);
        refused(TestClientAuthority.root("Stranger").client("x").issue().client(), HOST);
        refused(TestClientAuthority.root("Devices").client("x").issue().client(), HOST);
        refused(DEVICES.client("x").purpose(null).issue().client(), HOST);
        refused(
                DEVICES.client("x")
                        .purpose(KeyPurposeId.id_kp_serverAuth)
                        .issue()
                        .client(),
                HOST);
    }

    @Test
    void st06_anotherHostsAuthorityDoesNotCountHere() throws Exception {
        refused(PRINTERS.client("printer-1").issue().client(), HOST);
        refused(DEVICES.client("printer-1").issue().client(), OTHER);
        refused(PRINTERS.client("printer-2").issue().client(), OTHER);
        assertThat(ask(PRINTERS.client("printer-1").issue().client(), OTHER).status())
                .isEqualTo(200);
    }

    @Test
    void anIntermediateTheClientShowsLeadsToTheRoot() throws Exception {
        Issued shown = DEVICES.intermediate("Site").client("x").issue();
        assertThat(ask(shown.client(), HOST).status()).isEqualTo(200);
        origin.drain();
        refused(new Issued(shown.keys(), List.of(shown.certificate())).client(), HOST);
    }

    @Test
    void whatTheAuthorityRevokesIsRefusedByTheListTheCertificateNames() throws Exception {
        Issued lost = DEVICES.client("lost").list(list()).issue();
        Issued kept = DEVICES.client("kept").list(list()).issue();
        LIST.set(DEVICES.list(lost.certificate()));
        assertThat(ask(kept.client(), HOST).status()).isEqualTo(200);
        origin.drain();
        refused(lost.client(), HOST);
    }

    @Test
    void fc06_aListThatIsNotThereRefuses_orIsPassedOverWhereTheAuthorityIsSoft() throws Exception {
        Issued shown = DEVICES.client("x").list(list().resolve("/gone.crl")).issue();
        refused(shown.client(), HOST);
        publish(Revocation.SOFT);
        assertThat(ask(shown.client(), HOST).status()).isEqualTo(200);
        Issued inside =
                DEVICES.client("y").list(URI.create("http://10.0.0.1/ca.crl")).issue();
        publish(Revocation.NAMED);
        refused(inside.client(), HOST);
    }

    @Test
    void whatAResponderRevokesIsRefused_andWithoutItsAnswerNobodyIsLetIn() throws Exception {
        try (TestResponder responder = TestResponder.start(DEVICES)) {
            Issued lost = DEVICES.client("lost").responder(responder.address()).issue();
            Issued kept = DEVICES.client("kept").responder(responder.address()).issue();
            responder.revoke(lost.certificate());
            assertThat(ask(kept.client(), HOST).status()).isEqualTo(200);
            origin.drain();
            refused(lost.client(), HOST);
            responder.silent(true);
            Issued late = DEVICES.client("late").responder(responder.address()).issue();
            refused(late.client(), HOST);
            publish(Revocation.SOFT);
            assertThat(ask(late.client(), HOST).status()).isEqualTo(200);
            publish(Revocation.NAMED);
            Issued inside = DEVICES.client("y")
                    .responder(URI.create("http://10.0.0.1/ocsp"))
                    .issue();
            refused(inside.client(), HOST); // OI-08: where calls of ours may not go, nobody is asked
        }
    }

    @Test
    void onlyHostsWithAuthoritiesAskForACertificate() throws Exception {
        Issued laptop = DEVICES.client("laptop").issue();
        try (RawHttp http = connect(laptop.client(), OPEN)) {
            assertThat(http.session().getLocalCertificates()).isNull();
            assertThat(http.send(get(OPEN)).response().status()).isEqualTo(200);
        }
        try (RawHttp http = connect(laptop.client(), HOST)) {
            assertThat(http.session().getLocalCertificates()).hasSize(1);
            assertThat(http.send(get(HOST)).response().status()).isEqualTo(200);
        }
    }

    @Test
    void pn09_aConnectionOpenedForAnotherHostIsMisdirected() throws Exception {
        Issued laptop = DEVICES.client("laptop").issue();
        try (RawHttp http = connect(laptop.client(), OPEN)) {
            assertThat(http.send(get(HOST)).response().status()).isEqualTo(421);
        }
        try (RawHttp http = connect(laptop.client(), HOST)) {
            assertThat(http.send(get(OPEN)).response().status()).isEqualTo(421);
        }
        try (RawHttp http = connect(laptop.client(), HOST)) {
            assertThat(http.send(get(STAFF)).response().status()).isEqualTo(421);
        }
        try (RawHttp http = connect(laptop.client(), OPEN)) {
            assertThat(http.send("GET /cdn-cgi/access/get-identity HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n")
                            .response()
                            .status())
                    .isEqualTo(421);
        }
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void pn09_http2DoesNotCoalesceAroundIt() throws Exception {
        Issued laptop = DEVICES.client("laptop").issue();
        try (RawHttp2 http = RawHttp2.secure(edge.httpsPort(), laptop.client(), HOST)) {
            assertThat(status(http, 1, HOST)).isEqualTo(200);
            assertThat(status(http, 3, STAFF)).isEqualTo(421);
            assertThat(status(http, 5, OPEN)).isEqualTo(421);
            assertThat(status(http, 7, HOST)).isEqualTo(200);
        }
        try (RawHttp2 http = RawHttp2.secure(edge.httpsPort(), laptop.client(), OPEN)) {
            assertThat(status(http, 1, OPEN)).isEqualTo(200);
            assertThat(status(http, 3, HOST)).isEqualTo(421);
        }
    }

    private static int status(RawHttp2 http, int stream, String host) {
        return http.request(stream, true, RawHttp2.get(host, "/x")).outcome(stream)
                        instanceof RawHttp2.Outcome.Answered answered
                ? answered.status()
                : -1;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void pn09_nothingIsResumed(String protocol) throws Exception {
        SSLContext client = DEVICES.client("laptop").issue().client();
        byte[] first;
        try (RawHttp http = connect(client, HOST, protocol)) {
            assertThat(http.send(get(HOST)).response().status()).isEqualTo(200);
            first = http.session().getId();
            assertThat(http.session().getCreationTime()).isPositive();
        }
        try (RawHttp http = connect(client, HOST, protocol)) {
            assertThat(http.session().getId()).isNotEqualTo(first);
            assertThat(http.send(get(HOST)).response().status())
                    .as("shown anew")
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Client-Cert: :%s:",
                "X-Forwarded-Client-Cert: Cert=\"%s\"",
                "ssl-client-cert: %s",
                "Cf-Client-Cert-Der-Base64: %s",
                "Client.Cert: :%s:",
                "Client_Cert: :%s:"
            })
    void st06_headersOfClientsProveNothing(String header) throws Exception {
        String field = header.formatted(DEVICES.client("laptop").issue().der());
        assertThat(ask(TestClientAuthority.nobody(), HOST, field).status()).isEqualTo(403);
        assertThat(RawHttp.exchange(edge.port(), get(HOST, field)).status()).isEqualTo(403);
        assertThat(RawHttp.exchange(edge.port(), get(OPEN, field)).status()).isEqualTo(200);
        assertThat(origin.take().fields().stream().map(each -> each.getKey().toLowerCase(Locale.ROOT)))
                .noneMatch(name -> name.contains("cert"))
                .noneMatch(name -> name.contains("ssl"));
    }

    @Test
    void aTokenOfACertificateIsWorthNothingWithoutIt() throws Exception {
        String cookie = "Cookie: "
                + ask(DEVICES.client("laptop").issue().client(), HOST)
                        .all("set-cookie")
                        .getFirst()
                        .split(";")[0];
        origin.drain();
        assertThat(ask(TestClientAuthority.nobody(), HOST, cookie).status()).isEqualTo(403);
        assertThat(RawHttp.exchange(edge.port(), get(HOST, cookie)).status()).isEqualTo(403);
        assertThat(ask(
                                TestClientAuthority.nobody(),
                                HOST,
                                cookie.replace("Cookie: CF_Authorization=", "Cf-Access-Token: "))
                        .status())
                .isEqualTo(403);
        assertThat(origin.drain()).isEmpty();
    }

    @Test
    void aLoginMayBeAskedForBesides() throws Exception {
        SSLContext laptop = DEVICES.client("laptop").issue().client();
        assertThat(ask(TestClientAuthority.nobody(), STAFF).status())
                .as("nobody without a certificate can pass, so nobody is sent to sign in")
                .isEqualTo(403);
        RawHttp.Response login = ask(laptop, STAFF);
        assertThat(login.status()).isEqualTo(302);
        String meta = login.first("location").replaceAll(".*[?&]meta=", "");
        assertThat(claims(meta).path("mtls_auth").path("common_name").stringValue())
                .isEqualTo("laptop");
        String session = "Cookie: CF_Authorization=" + edge.signIn(STAFF, "ann@example.com");
        assertThat(ask(laptop, STAFF, session).status()).isEqualTo(200);
        assertThat(ask(TestClientAuthority.nobody(), STAFF, session).status()).isEqualTo(403);
        assertThat(ask(PRINTERS.client("printer-1").issue().client(), STAFF, session)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aTokenIssuedOverACertificateCountsBesideThatOneOnly() throws Exception {
        edge.application(STAFF, Edge.staff()).publish();
        Issued laptop = DEVICES.client("laptop").issue();
        String thumbprint = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(sha256(laptop.certificate().getEncoded()));
        String bound = "Cookie: CF_Authorization=" + edge.signIn(STAFF, "ann@example.com", thumbprint);
        assertThat(ask(laptop.client(), STAFF, bound).status()).isEqualTo(200);
        assertThat(ask(TestClientAuthority.nobody(), STAFF, bound).status()).isEqualTo(302);
        assertThat(ask(DEVICES.client("laptop").issue().client(), STAFF, bound).status())
                .isEqualTo(302);
        assertThat(RawHttp.exchange(edge.port(), get(STAFF, bound)).status()).isEqualTo(302);
    }

    @Test
    void pn11_everyRequestIsDecidedAnew() throws Exception {
        try (RawHttp http = connect(DEVICES.client("laptop").issue().client(), HOST)) {
            assertThat(http.send(get(HOST)).response().status()).isEqualTo(200);
            edge.demands = Demands.of(Map.of(authority(PRINTERS, Revocation.NAMED), Set.of(host(HOST))), Set.of());
            edge.publish();
            RawHttp.Response after = http.send(get(HOST)).tryResponse();
            assertThat(after == null ? 403 : after.status())
                    .as("the authority was taken away; what is still being forwarded is cut off")
                    .isEqualTo(403);
        }
        origin.drain();
        refused(DEVICES.client("laptop").issue().client(), HOST);
    }

    @Test
    void aWebSocketOpensByCertificateAndEndsWithItsAuthority() throws Exception {
        String handshake = "GET /ws HTTP/1.1\r\nHost: " + HOST + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
        try (RawHttp http = connect(TestClientAuthority.nobody(), HOST)) {
            assertThat(http.send(handshake).head().status()).isEqualTo(403);
        }
        try (RawHttp http = connect(DEVICES.client("laptop").issue().client(), HOST)) {
            assertThat(http.send(handshake).head().status()).isEqualTo(101);
            edge.demands = Demands.of(Map.of(authority(PRINTERS, Revocation.NAMED), Set.of(host(HOST))), Set.of());
            edge.publish();
            byte[] close = http.read(4);
            assertThat(close[0] & 0x0f).as("a close frame").isEqualTo(8);
            assertThat(((close[2] & 0xff) << 8) | (close[3] & 0xff)).isEqualTo(LiveConnections.POLICY);
        }
    }

    @Test
    void theDecisionLogSaysWhoseCertificateItWas() throws Exception {
        edge.noted.all.clear();
        ask(DEVICES.client("laptop-9").issue().client(), HOST);
        await().untilAsserted(() -> assertThat(edge.noted.all).anySatisfy(decided -> {
            assertThat(decided.session()).isEqualTo("certificate");
            assertThat(decided.asked().certificate().commonName()).isEqualTo("laptop-9");
        }));
    }

    @Test
    void onThePlainListenerNobodyCanShowOne() {
        assertThat(RawHttp.exchange(edge.port(), get(HOST)).status()).isEqualTo(403);
    }

    @Test
    void aBypassDecidesWithoutLookingAtCertificates() throws Exception {
        edge.application(HOST, Edge.bypass(), application -> application).publish();
        assertThat(ask(TestClientAuthority.nobody(), HOST).status()).isEqualTo(200);
        assertThat(origin.take().all("cf-access-jwt-assertion")).isEmpty();
    }
}
