package io.sallyport.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;
import tools.jackson.databind.JsonNode;

/** Checks what visitors, providers and connectors would see: from this machine, with the gateway's description of itself. */
final class OutsideChecks {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration SKEW = Duration.ofSeconds(30);
    private static final Duration SOON = Duration.ofDays(14);
    private static final long LARGEST = 1L << 20;

    private final InstantSource clock;
    private final HttpClient http;

    OutsideChecks(Terminal terminal) {
        this.clock = terminal.clock();
        this.http = Trust.client(terminal)
                .connectTimeout(PATIENCE)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** @param gateway the answer of {@code sallyport/doctor} */
    void examine(JsonNode gateway, List<Diagnosis> found) {
        found.add(clock(gateway.path("time").asString("")));
        URI issuer;
        try {
            issuer = URI.create(gateway.path("issuer").asString(""));
        } catch (IllegalArgumentException broken) {
            found.add(Diagnosis.failed("dns", "The gateway reports no team domain; set sallyport.auth-domain."));
            return;
        }
        List<String> hosts = gateway.path("hosts")
                .valueStream()
                .map(each -> each.asString(""))
                .toList();
        found.add(names(hosts));
        found.add(callback(issuer));
        found.add("https".equals(issuer.getScheme()) ? certificates(issuer, hosts) : plain(issuer));
        found.add(tunnel(issuer.getHost(), gateway.path("tunnel_port").asInt(0)));
    }

    private Diagnosis clock(String gateway) {
        try {
            Duration skew =
                    Duration.between(Instant.parse(gateway), clock.instant()).abs();
            return skew.compareTo(SKEW) < 0
                    ? Diagnosis.ok("clock", "This machine's clock and the gateway's agree.")
                    : Diagnosis.failed(
                            "clock",
                            "This machine's clock and the gateway's differ by " + skew.toSeconds()
                                    + " s; synchronise both by NTP, otherwise tokens are refused as expired or not yet valid.");
        } catch (DateTimeParseException unknown) {
            return Diagnosis.failed("clock", "The gateway does not report its time; update it to this version.");
        }
    }

    private static Diagnosis names(List<String> hosts) {
        List<String> unknown = hosts.stream().filter(host -> !resolves(host)).toList();
        return unknown.isEmpty()
                ? Diagnosis.ok("dns", "All " + hosts.size() + " host names resolve here.")
                : Diagnosis.failed(
                        "dns",
                        "No address was found for " + String.join(", ", unknown)
                                + "; add DNS records that point to the gateway.");
    }

    /** Browsers resolve names under localhost to loopback (RFC 6761 §6.3). */
    private static boolean resolves(String host) {
        try {
            return host.equals("localhost") || host.endsWith(".localhost") || InetAddress.getAllByName(host).length > 0;
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    private HttpResponse<String> get(URI base, String path) throws IOException {
        // Java does not resolve names under localhost on every system; the Host header says which one is meant.
        String host = base.getHost();
        boolean local = host.endsWith(".localhost");
        String authority = base.getRawAuthority();
        URI uri = URI.create(
                base.getScheme() + "://" + (local ? authority.replace(host, "localhost") : authority) + path);
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri).timeout(PATIENCE).header("Accept", "application/json");
        try {
            return http.send(request.build(), BodyHandlers.limiting(BodyHandlers.ofString(), LARGEST));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Without a sign-in our callback answers 400 with our request id; another server would not. */
    private Diagnosis callback(URI issuer) {
        String url = issuer + "/cdn-cgi/access/callback";
        if (issuer.getHost().endsWith(".localhost")) {
            return local(issuer);
        }
        try {
            HttpResponse<String> answer = get(issuer, "/cdn-cgi/access/callback");
            return answer.statusCode() == 400 && answer.body().contains("invalid_session")
                    ? Diagnosis.ok("callback", "Providers reach " + url + ".")
                    : Diagnosis.failed(
                            "callback",
                            url + " answered " + answer.statusCode()
                                    + " instead of the gateway's answer; the name must point to the gateway, and proxies must pass on"
                                    + " the whole path.");
        } catch (IOException failed) {
            return Diagnosis.failed(
                    "callback",
                    url + " does not answer (" + why(failed)
                            + "); the name must point to the gateway, and firewalls must allow https.");
        }
    }

    private static Diagnosis local(URI issuer) {
        int port = issuer.getPort() >= 0 ? issuer.getPort() : "https".equals(issuer.getScheme()) ? 443 : 80;
        return connects("127.0.0.1", port)
                ? Diagnosis.warning(
                        "callback",
                        "The team domain " + issuer.getHost()
                                + " works in browsers on this machine only; set sallyport.auth-domain before others sign in.")
                : Diagnosis.failed(
                        "callback",
                        "Nothing listens at " + issuer + "; check sallyport.public-port and the listeners.");
    }

    private static Diagnosis plain(URI issuer) {
        return issuer.getHost().endsWith("localhost")
                ? Diagnosis.ok("certificate", "No certificate is needed for use on this machine only.")
                : Diagnosis.failed(
                        "certificate",
                        "People would sign in over plain http; give the gateway a certificate (sallyport.tls.certificate), or set"
                                + " sallyport.public-scheme=https when a balancer has one.");
    }

    private Diagnosis certificates(URI issuer, List<String> hosts) {
        List<String> refused = new ArrayList<>();
        Instant first = Instant.MAX;
        String port = issuer.getPort() < 0 ? "" : ":" + issuer.getPort();
        for (String host : hosts) {
            if (!resolves(host)) {
                continue; // already reported
            }
            try {
                HttpResponse<String> answer = get(URI.create("https://" + host + port), "/cdn-cgi/access/certs");
                Instant ends = answer.sslSession().flatMap(OutsideChecks::ends).orElse(Instant.MAX);
                first = ends.isBefore(first) ? ends : first;
            } catch (SSLException untrusted) {
                refused.add(host + " (" + why(untrusted) + ")");
            } catch (IOException unreachable) {
                // A host that does not answer is reported by another check.
            }
        }
        if (!refused.isEmpty()) {
            return Diagnosis.failed(
                    "certificate",
                    "No valid certificate is presented for " + String.join(", ", refused)
                            + "; use one of a public authority that covers these names.");
        }
        if (first.equals(Instant.MAX)) {
            return Diagnosis.warning("certificate", "No certificate could be checked; first make the hosts answer.");
        }
        String day = first.atZone(ZoneOffset.UTC).toLocalDate().toString();
        return first.isBefore(clock.instant().plus(SOON))
                ? Diagnosis.warning("certificate", "A certificate expires on " + day + "; renew it before then.")
                : Diagnosis.ok("certificate", "The certificates match their names and are valid until " + day + ".");
    }

    private static Optional<Instant> ends(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain[0] instanceof X509Certificate own
                    ? Optional.of(own.getNotAfter().toInstant())
                    : Optional.empty();
        } catch (SSLException none) {
            return Optional.empty();
        }
    }

    private static Diagnosis tunnel(String host, int port) {
        if (port == 0) {
            return Diagnosis.ok("tunnel", "Tunnels are switched off.");
        }
        return connects(host.endsWith("localhost") ? "127.0.0.1" : host, port)
                ? Diagnosis.ok("tunnel", "Connectors reach " + host + ":" + port + " by TCP.")
                : Diagnosis.failed(
                        "tunnel",
                        "Connectors cannot reach " + host + ":" + port
                                + "; allow TCP and UDP on that port to the gateway.");
    }

    private static boolean connects(String host, int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), (int) PATIENCE.toMillis());
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    private static String why(IOException failed) {
        if (failed instanceof SSLException tls) {
            return Trouble.with(tls);
        }
        String message = failed.getMessage();
        return message == null ? failed.getClass().getSimpleName().toLowerCase(Locale.ROOT) : message;
    }
}
