package io.sallyport.demo;

import io.sallyport.tunnel.TunnelServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggerConfiguration;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/** Starts the other parts of the demo when the gateway is up, and prints what to open. */
final class Demo implements ApplicationListener<ApplicationReadyEvent>, AutoCloseable {
    private static final String ACCESS_LOG = "io.sallyport.access";

    private final Environment environment;
    private final DemoProperties properties;
    private final TunnelServer tunnels;
    private final LoggingSystem logging;
    private @Nullable SampleConnector connector;
    private @Nullable SampleOrigin origin;
    private @Nullable Mailbox mailbox;

    Demo(Environment environment, DemoProperties properties, TunnelServer tunnels, LoggingSystem logging) {
        this.tunnels = tunnels;
        this.logging = logging;
        this.environment = environment;
        this.properties = properties;
    }

    /**
     * Makes the samples and prints the greeting. The access log is off meanwhile, so that the demo's own requests to the admin API are
     * not taken for somebody's.
     */
    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
        LoggerConfiguration configured = logging.getLoggerConfiguration(ACCESS_LOG);
        logging.setLogLevel(ACCESS_LOG, LogLevel.OFF);
        try {
            System.out.print(begin(event));
        } finally {
            logging.setLogLevel(ACCESS_LOG, configured == null ? null : configured.getConfiguredLevel());
        }
    }

    /** Returns the greeting. */
    private String begin(ApplicationReadyEvent event) {
        String port = environment.getRequiredProperty("local.server.port");
        Path dataDir = Path.of(environment.getRequiredProperty("sallyport.data-dir"));
        String team = "http://" + environment.getRequiredProperty("sallyport.auth-domain") + ":" + port;
        String console = "http://localhost:" + port;

        SampleOrigin sample = new SampleOrigin(team + "/cdn-cgi/access/certs", team);
        Mailbox mail = new Mailbox(DemoProperties.outbox(dataDir), properties.mailboxPort());
        origin = sample;
        mailbox = mail;
        SampleConfiguration configuration = new SampleConfiguration(new AdminApi(console, adminToken(dataDir)));
        SampleConfiguration.Made made = configuration.ensure(sample.url());
        SampleConnector tunnel =
                new SampleConnector(made.tunnelToken(), tunnels.port(), dataDir.resolve("tunnel-ca.pem"));
        connector = tunnel;
        tunnel.awaitReady();
        return greeting(
                "http://" + SampleConfiguration.HOST + ":" + port,
                mail.url(),
                "http://" + environment.getRequiredProperty("sallyport.console-domain") + ":" + port,
                console + "/client/v4" + configuration.account(),
                made.applicationId(),
                // Whole, because the curl is most likely pasted into another terminal.
                dataDir.resolve("admin-token").toAbsolutePath().normalize(),
                event.getTimeTaken());
    }

    private static String greeting(
            String wiki,
            String mailbox,
            String dashboard,
            String api,
            String application,
            Path token,
            @Nullable Duration taken) {
        return """

                Sallyport demo is ready%s.

                  1. Open     %s
                     and sign in as you@%s: the gate mails a code to addresses its policy could admit.
                  2. Mail     %s
                     shows the code.
                  3. Then let nobody in, and reload the page:

                     curl -X PUT %s/access/apps/%s \\
                       -H "Authorization: Bearer $(cat '%s')" -H "Content-Type: application/json" \\
                       -d '{"type":"self_hosted","name":"Team wiki","domain":"%s","policies":[]}'

                  Dashboard   %s
                              asks for the token in %s
                  Admin API   %s
                  Stop        Ctrl-C

                """.formatted(
                        taken == null ? "" : " after %.1f s".formatted(taken.toMillis() / 1000.0),
                        wiki,
                        SampleConfiguration.STAFF_DOMAIN,
                        mailbox,
                        api,
                        application,
                        token,
                        SampleConfiguration.HOST,
                        dashboard,
                        token,
                        api);
    }

    private static String adminToken(Path dataDir) {
        Path file = dataDir.resolve("admin-token");
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalStateException("the demo needs the admin token in " + file + ", which cannot be read", e);
        }
    }

    /** While the gateway still answers: afterwards the connector would complain of every attempt to come back. */
    @EventListener(ContextClosedEvent.class)
    void disconnect() {
        if (connector != null) {
            connector.close();
        }
    }

    @Override
    public void close() {
        disconnect();
        if (origin != null) {
            origin.close();
        }
        if (mailbox != null) {
            mailbox.close();
        }
    }
}
