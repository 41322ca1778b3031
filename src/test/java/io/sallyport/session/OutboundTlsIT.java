package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.OutboundRules;
import io.sallyport.testkit.RecordingOrigin;
import io.sallyport.testkit.TestAuthority;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whom our own calls to providers, evaluators and issuers believe over TLS: whoever has a certificate of a trusted authority for the
 * very name that was called. The JDK reads its trusted authorities once, so each call is made by a process of its own.
 */
class OutboundTlsIT {
    private static final TestAuthority TRUSTED = new TestAuthority("trusted");

    @TempDir
    private static Path directory;

    private static RecordingOrigin server;
    private static Path store;

    @BeforeAll
    static void start() throws Exception {
        server = RecordingOrigin.start(TRUSTED.issue("right.localhost").server());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (var pem = Files.newInputStream(Files.writeString(directory.resolve("ca.pem"), TRUSTED.pem()))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        store = directory.resolve("trusted.p12");
        try (var out = Files.newOutputStream(store)) {
            trusted.store(out, "changeit".toCharArray());
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aCertificateOfATrustedAuthorityForTheNameIsBelieved() throws Exception {
        assertThat(call("right.localhost", true)).contains("answered 200");
    }

    @Test
    void aTrustedCertificateForAnotherNameIsNot() throws Exception {
        assertThat(call("wrong.localhost", true)).contains("refused").contains("wrong.localhost");
    }

    @Test
    void aConnectionThatOneNameOpenedCarriesNoOtherName() throws Exception {
        int before = server.connections();

        assertThat(call("right.localhost,right.localhost,wrong.localhost,right.localhost", true)
                        .lines()
                        .filter(line ->
                                line.startsWith("answered") || line.startsWith("refused"))) // not what is logged
                .hasSize(4)
                .startsWith("answered 200", "answered 200")
                .anyMatch(line -> line.startsWith("refused") && line.contains("wrong.localhost"))
                .endsWith("answered 200");
        assertThat(server.connections() - before)
                .as("the first name's connection is used again by it alone")
                .isLessThan(4);
    }

    @Test
    void aCertificateOfNobodyKnownIsNot() throws Exception {
        assertThat(call("right.localhost", false)).contains("refused");
    }

    /** @param hosts called one after the other by one process */
    private static String call(String hosts, boolean isTrusted) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path")));
        if (isTrusted) {
            command.addAll(
                    List.of("-Djavax.net.ssl.trustStore=" + store, "-Djavax.net.ssl.trustStorePassword=changeit"));
        }
        command.add(Caller.class.getName());
        for (String host : hosts.split(",")) {
            command.add("https://" + host + ":" + server.uri().getPort() + "/");
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (Reader said = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
            return said.readAllAsString();
        } finally {
            process.waitFor();
        }
    }

    /** The process that calls. */
    static final class Caller {
        private Caller() {}

        public static void main(String[] args) {
            OutboundExchange exchange =
                    new OutboundExchange(OutboundRules.of(List.of("127.0.0.0/8")), Duration.ofSeconds(20));
            for (String url : args) {
                try {
                    exchange.get(URI.create(url));
                    System.out.println("answered 200");
                } catch (IOException refused) {
                    System.out.println("refused: " + refused.getMessage());
                }
            }
            System.exit(0);
        }
    }
}
