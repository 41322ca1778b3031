package io.sallyport.login;

import io.sallyport.doctor.Finding;
import io.sallyport.saml.AuthnRequest;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.Saml;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.SamlRequestSignature;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Examines a SAML provider: whether its certificates are valid now, and whether it accepts our request (Bindings §3.4,
 * §3.5).
 */
final class SamlChecks {
    private static final String CERTIFICATE = "certificate";
    private static final String REQUEST = "sso_url";
    private static final Duration SOON = Duration.ofDays(30);

    private final OutboundHttp http;
    private final Seals seals;

    SamlChecks(OutboundHttp http, Seals seals) {
        this.http = http;
        this.seals = seals;
    }

    List<Finding> examine(Snapshot snapshot, Saml provider, String callback, Instant now) {
        List<Finding> found = new ArrayList<>();
        found.add(certificates(provider.certificates(), now));
        found.add(request(snapshot, provider, callback, now));
        return found;
    }

    private static Finding certificates(List<X509Certificate> certificates, Instant now) {
        Instant last = certificates.stream()
                .map(certificate -> certificate.getNotAfter().toInstant())
                .max(Instant::compareTo)
                .orElse(Instant.MIN);
        if (certificates.isEmpty()) {
            return Finding.failed(
                    CERTIFICATE,
                    "The entry has no certificate to verify answers with; import the provider's metadata.");
        }
        String day = last.atZone(ZoneOffset.UTC).toLocalDate().toString();
        if (last.isBefore(now)) {
            return Finding.warning(
                    CERTIFICATE,
                    "The provider's certificate ended on " + day
                            + "; its key still counts here, but import the metadata again: the provider will have another.");
        }
        return last.isBefore(now.plus(SOON))
                ? Finding.warning(
                        CERTIFICATE,
                        "The provider's certificate ends on " + day + "; add its next one before that day.")
                : Finding.ok(CERTIFICATE, "The provider's certificate is good until " + day + ".");
    }

    private Finding request(Snapshot snapshot, Saml provider, String callback, Instant now) {
        String destination = provider.destination().toString();
        AuthnRequest request = new AuthnRequest("_" + seals.random(), destination, callback, false, now);
        AuthnRequest.Signer signer = octets -> SamlRequestSignature.sign(snapshot.keys(), octets, now);
        OutboundExchange.Answer answer;
        try {
            answer = provider.posts()
                    ? posted(provider, provider.signsRequests() ? request.field(signer) : request.field())
                    : http.get(
                            URI.create(destination
                                    + (destination.indexOf('?') < 0 ? '?' : '&')
                                    + (provider.signsRequests()
                                            ? request.query("doctor", signer)
                                            : request.query("doctor"))),
                            new HttpHeaders());
        } catch (IOException unreachable) {
            return Finding.failed(REQUEST, DryLogin.unreachable(destination, unreachable));
        }
        return switch (answer.status() / 100) {
            case 2, 3 -> Finding.ok(REQUEST, "The provider takes our request to sign somebody in.");
            case 5 ->
                Finding.failed(
                        REQUEST, "%s answered %d; its own log says why.".formatted(destination, answer.status()));
            default ->
                Finding.failed(
                        REQUEST,
                        "%s answered %d to our request; enter %s there as entity id and as assertion consumer service, and look at sso_target_url."
                                .formatted(destination, answer.status(), callback));
        };
    }

    private OutboundExchange.Answer posted(Saml provider, String field) throws IOException {
        HttpHeaders headers = new HttpHeaders();
        headers.setContentType(MediaType.APPLICATION_FORM_URLENCODED);
        String form = "SAMLRequest=" + URLEncoder.encode(field, StandardCharsets.UTF_8) + "&RelayState=doctor";
        return http.post(provider.destination(), headers, form.getBytes(StandardCharsets.UTF_8));
    }
}
