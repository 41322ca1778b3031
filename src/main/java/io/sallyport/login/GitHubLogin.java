package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpRef;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.GitHub;
import io.sallyport.snapshot.ProviderScopes;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * GitHub: OAuth 2.0 and an API instead of OpenID Connect. The identity is the primary verified address; organisations and teams
 * become groups named {@code org} and {@code org/team}. The access token is used for these few calls and forgotten.
 */
final class GitHubLogin {
    private static final int PAGE = 100;
    private static final int MOST_PAGES = 50;

    private final OAuthClient oauth;
    private final OutboundHttp http;
    private final JsonMapper json;

    GitHubLogin(OAuthClient oauth, OutboundHttp http, JsonMapper json) {
        this.oauth = oauth;
        this.http = http;
        this.json = json;
    }

    /** Where the browser is sent. */
    String authorizationUrl(GitHub provider, PendingLogin pending, String state, String callback, boolean fresh) {
        return OAuthClient.authorizationUrl(
                client(provider, callback), pending, state, fresh ? Map.of("prompt", "select_account") : Map.of());
    }

    /** Redeems the code and asks the API who it is. */
    ProvenIdentity finish(GitHub provider, PendingLogin pending, Visit visit, String callback) throws ProviderFailure {
        String token = oauth.redeem(client(provider, callback), pending, OAuthClient.code(visit))
                .getAccessToken()
                .getTokenValue();
        JsonNode user = call(provider, token, "/user");
        String name = user.path("name").asString("");
        return new ProvenIdentity(
                email(provider, token),
                name.isBlank() ? user.path("login").asString("") : name,
                new IdpRef(provider.id(), provider.type()),
                provider.name(),
                groups(provider, token),
                List.of(),
                Map.of());
    }

    private Email email(GitHub provider, String token) throws ProviderFailure {
        for (JsonNode each : call(provider, token, "/user/emails?per_page=" + PAGE)) {
            if (each.path("primary").asBoolean(false) && each.path("verified").asBoolean(false)) {
                Optional<Email> email = Email.parse(each.path("email").asString(""));
                if (email.isPresent()) {
                    return email.get();
                }
            }
        }
        throw new ProviderFailure(
                "email_not_verified",
                "Your GitHub account has no verified primary email address. Verify it there first.");
    }

    private List<Group> groups(GitHub provider, String token) throws ProviderFailure {
        List<Group> groups = new ArrayList<>();
        for (JsonNode organization : all(provider, token, "/user/orgs")) {
            groups.add(Group.named(organization.path("login").asString("")));
        }
        for (JsonNode team : all(provider, token, "/user/teams")) {
            groups.add(Group.named(team.path("organization").path("login").asString("") + "/"
                    + team.path("slug").asString("")));
        }
        return groups;
    }

    private List<JsonNode> all(GitHub provider, String token, String path) throws ProviderFailure {
        List<JsonNode> all = new ArrayList<>();
        for (int page = 1; page <= MOST_PAGES; page++) {
            JsonNode some = call(provider, token, path + "?per_page=" + PAGE + "&page=" + page);
            some.forEach(all::add);
            if (some.size() < PAGE) {
                return all;
            }
        }
        // Fails instead of going on with some of the groups: an exclude rule for a missing one would not match.
        throw new ProviderFailure("groups_unreadable", "You are in more organisations or teams than can be read.");
    }

    private JsonNode call(GitHub provider, String token, String path) throws ProviderFailure {
        HttpHeaders headers = new HttpHeaders();
        headers.setBearerAuth(token);
        headers.set(HttpHeaders.ACCEPT, "application/vnd.github+json");
        headers.set(HttpHeaders.USER_AGENT, "Sallyport");
        try {
            OutboundExchange.Answer answer = http.get(URI.create(provider.apiUrl() + path), headers);
            if (answer.status() != 200) {
                throw new ProviderFailure("provider_error", "GitHub's API answered " + answer.status() + ".");
            }
            return json.readTree(answer.body());
        } catch (IOException | JacksonException failed) {
            throw new ProviderFailure("provider_unreachable", "GitHub does not answer just now.", failed);
        }
    }

    static ClientRegistration client(GitHub provider, String callback) {
        return OAuthClient.registration(provider.id(), provider.clientId(), provider.clientSecret(), true, callback)
                .scope(ProviderScopes.of("github"))
                .authorizationUri(provider.authUrl().toString())
                .tokenUri(provider.tokenUrl().toString())
                .build();
    }
}
