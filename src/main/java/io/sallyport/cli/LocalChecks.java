package io.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.ToLongFunction;

/** Checks of an installation whose gateway does not answer, from the environment with which it would be started. */
final class LocalChecks {
    private static final String PATIENCE_SECONDS = "3";

    /** Room for four files of PostgreSQL's write-ahead log, of 16 MiB each. */
    private static final long LEAST_ROOM = 64L << 20;

    private final Terminal terminal;
    private final ToLongFunction<Path> room;

    LocalChecks(Terminal terminal) {
        this(terminal, LocalChecks::room);
    }

    /** @param room the free bytes on the disk of a folder */
    LocalChecks(Terminal terminal, ToLongFunction<Path> room) {
        this.terminal = terminal;
        this.room = room;
    }

    void examine(List<Diagnosis> found) {
        terminal.variable("SALLYPORT_AUTH_DOMAIN").ifPresent(domain -> found.add(name(domain)));
        found.add(database());
        found.add(data());
        terminal.variable("SALLYPORT_TLS_CERTIFICATE").ifPresent(file -> found.add(certificate(Path.of(file))));
    }

    /** The certificate for browsers. */
    private Diagnosis certificate(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate first =
                    (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
            Instant end = first.getNotAfter().toInstant();
            return end.isAfter(terminal.clock().instant())
                    ? Diagnosis.ok("tls", "The certificate in " + file + " is valid until " + end + ".")
                    : Diagnosis.failed(
                            "tls",
                            "The certificate in " + file + " ended at " + end
                                    + "; replace it; a running gateway loads the new one automatically.");
        } catch (IOException | CertificateException unreadable) {
            return Diagnosis.failed("tls", file + " is not a readable certificate; correct SALLYPORT_TLS_CERTIFICATE.");
        }
    }

    private static Diagnosis name(String domain) {
        try {
            String address = domain.endsWith(".localhost")
                    ? "127.0.0.1"
                    : InetAddress.getByName(domain).getHostAddress();
            return Diagnosis.ok("dns", domain + " resolves to " + address + ".");
        } catch (UnknownHostException unknown) {
            return Diagnosis.failed(
                    "dns", "No address was found for " + domain + "; add a DNS record for the gateway.");
        }
    }

    private Diagnosis database() {
        Optional<String> url = terminal.variable("SPRING_DATASOURCE_URL");
        if (url.isEmpty()) {
            return Diagnosis.ok(
                    "database", "SPRING_DATASOURCE_URL is not set, so the gateway uses its embedded PostgreSQL.");
        }
        Properties properties = new Properties();
        terminal.variable("SPRING_DATASOURCE_USERNAME").ifPresent(user -> properties.setProperty("user", user));
        terminal.variable("SPRING_DATASOURCE_PASSWORD").ifPresent(secret -> properties.setProperty("password", secret));
        properties.setProperty("connectTimeout", PATIENCE_SECONDS);
        properties.setProperty("socketTimeout", PATIENCE_SECONDS);
        try (Connection connection = DriverManager.getConnection(url.get(), properties)) {
            return connection.isValid(1)
                    ? Diagnosis.ok("database", "PostgreSQL accepts the gateway's user and password.")
                    : Diagnosis.failed(
                            "database", "PostgreSQL accepts the connection but does not answer a query; see its log.");
        } catch (SQLException refused) {
            String state = refused.getSQLState() == null ? "" : refused.getSQLState();
            return Diagnosis.failed(
                    "database",
                    state.startsWith("28")
                            ? "PostgreSQL refuses the user or password; correct SPRING_DATASOURCE_USERNAME and _PASSWORD."
                            : state.equals("3D000")
                                    ? "PostgreSQL has no such database; create it, or correct SPRING_DATASOURCE_URL."
                                    : "PostgreSQL does not answer; correct SPRING_DATASOURCE_URL, or start the server.");
        }
    }

    /** The free bytes on the disk; the largest number if that cannot be found out, because not knowing is no finding. */
    private static long room(Path data) {
        try {
            return Files.getFileStore(data).getUsableSpace();
        } catch (IOException unknown) {
            return Long.MAX_VALUE;
        }
    }

    private Diagnosis data() {
        Path data = Path.of(terminal.variable("SALLYPORT_DATA_DIR").orElse("data"));
        Path token = data.resolve("admin-token");
        if (!Files.isDirectory(data)) {
            return Diagnosis.failed(
                    "data",
                    "There is no folder " + data.toAbsolutePath()
                            + "; set SALLYPORT_DATA_DIR, or start a gateway here.");
        }
        long left = room.applyAsLong(data);
        if (left < LEAST_ROOM) {
            return Diagnosis.failed(
                    "data", "The disk of " + data.toAbsolutePath() + " has " + (left >> 20) + " MiB left; make room.");
        }
        if (!Files.isReadable(token)) {
            return Diagnosis.warning(
                    "data",
                    "There is no readable " + token.toAbsolutePath()
                            + "; set SALLYPORT_API_TOKEN to talk to the gateway.");
        }
        try {
            return Files.readString(token, StandardCharsets.UTF_8).isBlank()
                    ? Diagnosis.failed(
                            "data", token.toAbsolutePath() + " is empty; restore it, or set SALLYPORT_ADMIN_TOKEN.")
                    : Diagnosis.ok("data", "The data folder and its bootstrap token exist.");
        } catch (IOException unreadable) {
            return Diagnosis.failed(
                    "data", token.toAbsolutePath() + " cannot be read; run this as the gateway's user.");
        }
    }
}
