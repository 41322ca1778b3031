package io.sallyport.login;

import io.sallyport.identity.Group;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.snapshot.IdentityProvider.Secret;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.JsonNode;

/**
 * Reads all groups of a person from Okta when an API token is configured ({@code api_token}). Okta's groups claim holds
 * at most a hundred groups and is left out when there are more (developer.okta.com, api/openapi/okta-management, "List
 * all groups"; pages by RFC 8288).
 */
final class OktaGroups {
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"next\"");
    private static final int A_PAGE = 200;

    private final DirectoryCalls calls;

    OktaGroups(DirectoryCalls calls) {
        this.calls = calls;
    }

    /** @param directory the Users API */
    List<Group> of(OpenIdConnect provider, URI directory, Claims claims) throws ProviderFailure {
        Secret token = Objects.requireNonNull(provider.directoryToken());
        // A custom authorization server puts the login name into sub, and the user id into uid.
        String user = claims.text("uid")
                .or(() -> claims.text("sub"))
                .orElseThrow(() -> new ProviderFailure("groups_unreadable", "Okta did not say whose groups to read."));
        @Nullable
        URI next = URI.create(directory + "/"
                + URLEncoder.encode(user, StandardCharsets.UTF_8).replace("+", "%20") + "/groups?limit=" + A_PAGE);
        List<Group> groups = new ArrayList<>();
        for (int page = 0; next != null; page++) {
            OutboundExchange.Answer answer = calls.asked(next, "SSWS " + token.value(), page);
            if (answer.status() == 401 || answer.status() == 403) {
                throw new ProviderFailure(
                        "groups_unreadable",
                        "Okta does not tell your groups (" + answer.status()
                                + "). Your administrator renews the API token of this provider.");
            }
            for (JsonNode each : calls.accepted(answer)) {
                String name = each.path("profile").path("name").asString("");
                if (!name.isEmpty()) {
                    groups.add(Group.named(name));
                }
            }
            next = next(directory, answer.headers());
        }
        return groups;
    }

    private static @Nullable URI next(URI directory, HttpHeaders headers) throws ProviderFailure {
        for (String link : headers.getOrEmpty(HttpHeaders.LINK)) {
            Matcher next = NEXT.matcher(link);
            if (next.find()) {
                return DirectoryGroups.sameHost(directory, next.group(1));
            }
        }
        return null;
    }
}
