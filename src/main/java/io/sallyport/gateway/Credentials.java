package io.sallyport.gateway;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.CookieHeader;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.session.PassCredentials;
import io.sallyport.session.Presented;
import io.sallyport.session.WorkloadTokens;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.util.List;
import org.springframework.http.HttpHeaders;

/** Collects the credentials that a request presents; {@code session.SessionReader} judges them. */
final class Credentials {
    private Credentials() {}

    static Presented of(EdgeRequest request, Application application, AccessExchange access) {
        HttpHeaders headers = request.getHeaders();
        List<String> cookieFields = headers.getOrEmpty(HttpHeaders.COOKIE);
        List<String> authorization = List.of();
        List<String> binding = List.of();
        if (!cookieFields.isEmpty()) {
            CookieHeader cookies = CookieHeader.parse(cookieFields);
            authorization = cookies.values(AccessHeaders.AUTHORIZATION_COOKIE);
            binding = cookies.values(AccessHeaders.BINDING_COOKIE);
        }
        String single = application.serviceTokenHeader();
        CertificateIdentity holder = access.certificate().holder();
        return new Presented(
                new Presented.Tokens(authorization, headers.getOrEmpty(AccessHeaders.ACCESS_TOKEN), binding),
                new Presented.ServiceFields(
                        headers.getOrEmpty(AccessHeaders.CLIENT_ID),
                        headers.getOrEmpty(AccessHeaders.CLIENT_SECRET),
                        single == null ? List.of() : headers.getOrEmpty(single)),
                passes(headers, application),
                workloadTokens(headers, access.snapshot()),
                holder == null ? null : holder.thumbprint());
    }

    private static List<String> workloadTokens(HttpHeaders headers, Snapshot snapshot) {
        return headers.getOrEmpty(HttpHeaders.AUTHORIZATION).stream()
                .filter(value -> value.regionMatches(true, 0, "Bearer ", 0, 7))
                .map(value -> value.substring(7).strip())
                .filter(token -> WorkloadTokens.isForTheGate(snapshot, token))
                .toList();
    }

    private static PassCredentials passes(HttpHeaders headers, Application application) {
        AppPasses.Settings settings = application.passes();
        if (settings == null) {
            return PassCredentials.NONE;
        }
        List<String> cookies = headers.getOrEmpty(HttpHeaders.COOKIE);
        String header = settings.header();
        return PassCredentials.of(
                headers.getOrEmpty(HttpHeaders.AUTHORIZATION),
                header == null ? List.of() : headers.getOrEmpty(header),
                cookies.isEmpty() ? List.of() : CookieHeader.parse(cookies).values(AccessHeaders.APP_PASS_COOKIE));
    }
}
