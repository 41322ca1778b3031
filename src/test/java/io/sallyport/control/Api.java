package io.sallyport.control;

import io.sallyport.testkit.Pem;
import io.sallyport.testkit.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The admin API of one real server that all tests of this package share; every test brings names of its own. Its tunnel port is shut:
 * what tests write down of connections that nobody holds would be struck out at the next heartbeat.
 */
final class Api {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final AtomicInteger COUNTER = new AtomicInteger();
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** Started by the first test that asks, stopped with the JVM. */
    private static final class Shared {
        static final TestServer SERVER =
                TestServer.start(Map.of("sallyport.tunnel.enabled", "false")).untilTheEnd();
        static final String ACCOUNT = SERVER.admin().account();
    }

    /** What came back. */
    record Answer(int status, HttpResponse<String> response, JsonNode envelope) {
        JsonNode result() {
            return envelope.path("result");
        }

        ObjectNode object() {
            return (ObjectNode) result();
        }

        JsonNode error() {
            return envelope.path("errors").path(0);
        }

        String id() {
            return result().path("id").asString();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private Api() {}

    static TestServer server() {
        return Shared.SERVER;
    }

    static JdbcClient jdbc() {
        return Shared.SERVER.database().jdbc();
    }

    /** A name nobody else uses. */
    static String unique(String stem) {
        return stem + "-" + COUNTER.incrementAndGet();
    }

    /** A host nobody else uses. */
    static String uniqueHost() {
        return unique("app") + ".example.com";
    }

    static String account() {
        return Shared.ACCOUNT;
    }

    /** Below the account, with the bootstrap token. */
    static Answer call(String method, String path, String body, String... headers) {
        return send(method, "/accounts/" + account() + path, body, withToken(headers));
    }

    static Answer get(String path) {
        return call("GET", path, null);
    }

    /** A POST that must succeed. */
    static Answer create(String path, String body) {
        return must("POST", path, body);
    }

    /** A call that must succeed. */
    static Answer must(String method, String path, String body) {
        Answer answer = call(method, path, body);
        if (answer.status() != 200 || !answer.envelope().path("success").asBoolean(false)) {
            throw new AssertionError(method + " " + path + " answered " + answer.status() + " " + answer.envelope());
        }
        return answer;
    }

    /** Below {@code /client/v4}, with exactly these headers. */
    static Answer send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + server().port() + "/client/v4" + path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return exchange(request.build());
    }

    static Answer exchange(HttpRequest request) {
        try {
            HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            boolean json =
                    response.headers().firstValue("content-type").orElse("").equals("application/json");
            return new Answer(
                    response.statusCode(), response, json ? JSON.readTree(response.body()) : JSON.createObjectNode());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static String[] withToken(String... headers) {
        List<String> all = new ArrayList<>(List.of("Authorization", "Bearer " + TestServer.ADMIN_TOKEN));
        all.addAll(List.of(headers));
        return all.toArray(String[]::new);
    }

    static ObjectNode json(String text) {
        return (ObjectNode) JSON.readTree(text);
    }

    /** A reusable policy that admits one domain. */
    static String policy() {
        return create("/access/policies", policyBody(unique("Staff"))).id();
    }

    static String policyBody(String name) {
        return """
                {"name": "%s", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]}""".formatted(name);
    }

    static String group() {
        return create("/access/groups", """
                {"name": "%s", "include": [{"email": {"email": "ada@example.com"}}]}""".formatted(unique("Group"))).id();
    }

    static String oneTimePin() {
        return create("/access/identity_providers", """
                {"name": "%s", "type": "onetimepin", "config": {}}""".formatted(unique("PIN")))
                .id();
    }

    /** The certificate of a new authority for client certificates, in PEM. */
    static String authority() {
        try {
            KeyPair pair = Pem.keyPair();
            X500Name name = new X500Name("CN=" + unique("Authority"));
            byte[] der = new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.valueOf(COUNTER.incrementAndGet()),
                            Date.from(Instant.parse("2020-01-01T00:00:00Z")),
                            Date.from(Instant.parse("2999-01-01T00:00:00Z")),
                            name,
                            pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(true))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                    .getEncoded();
            return Pem.of("CERTIFICATE", der);
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
