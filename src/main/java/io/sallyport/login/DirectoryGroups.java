package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Groups that do not fit into an ID token: Microsoft's Graph for people in more groups than Entra lists, and Google's Directory API,
 * which lists none otherwise. A directory that does not answer ends the sign-in: fewer groups than somebody has could let them past
 * an exclude rule.
 */
final class DirectoryGroups {
    private static final int MOST_PAGES = 20;
    private static final String ENTRA_GROUP = "#microsoft.graph.group";

    private final OutboundHttp http;
    private final JsonMapper json;

    DirectoryGroups(OutboundHttp http, JsonMapper json) {
        this.http = http;
        this.json = json;
    }

    /** All groups of the person whose login brought this access token. */
    List<Group> of(OpenIdConnect provider, URI directory, Claims claims, Email email, String token)
            throws ProviderFailure {
        if (!provider.type().equals("azureAD")) {
            return google(directory, email, token);
        }
        List<Group> listed = claims.groups();
        return listed.isEmpty() || claims.saysGroupsAreElsewhere() ? entra(directory, token) : listed;
    }

    private List<Group> entra(URI directory, String token) throws ProviderFailure {
        List<Group> groups = new ArrayList<>();
        @Nullable URI next = directory;
        for (int page = 0; next != null; page++) {
            JsonNode some = call(next, token, page);
            for (JsonNode each : some.path("value")) {
                if (!each.path("@odata.type").asString(ENTRA_GROUP).equals(ENTRA_GROUP)) {
                    continue; // directory roles and administrative units
                }
                String id = each.path("id").asString("");
                groups.add(new Group(id, each.path("displayName").asString(id), null));
            }
            String link = some.path("@odata.nextLink").asString("");
            next = link.isEmpty() ? null : sameHost(directory, link);
        }
        return groups;
    }

    private List<Group> google(URI directory, Email email, String token) throws ProviderFailure {
        List<Group> groups = new ArrayList<>();
        String more = "";
        int page = 0;
        do {
            String query = "?userKey=" + encode(email.value()) + (more.isEmpty() ? "" : "&pageToken=" + encode(more));
            JsonNode some = call(URI.create(directory + query), token, page++);
            for (JsonNode each : some.path("groups")) {
                String address = each.path("email").asString("");
                groups.add(new Group(
                        each.path("id").asString(address), each.path("name").asString(address), address));
            }
            more = some.path("nextPageToken").asString("");
        } while (!more.isEmpty());
        return groups;
    }

    private JsonNode call(URI url, String token, int page) throws ProviderFailure {
        if (page >= MOST_PAGES) {
            throw new ProviderFailure("groups_unreadable", "The directory lists more groups than can be read.");
        }
        HttpHeaders headers = new HttpHeaders();
        headers.setBearerAuth(token);
        headers.set(HttpHeaders.ACCEPT, "application/json");
        try {
            OutboundExchange.Answer answer = http.get(url, headers);
            if (answer.status() != 200) {
                throw new ProviderFailure(
                        "groups_unreadable",
                        "The directory does not tell your groups (" + answer.status()
                                + "). An administrator must consent to that once.");
            }
            return json.readTree(answer.body());
        } catch (IOException | JacksonException failed) {
            throw new ProviderFailure("provider_unreachable", "The directory does not answer just now.", failed);
        }
    }

    /** The token goes nowhere but where it was meant for, whatever an answer links to. */
    private static URI sameHost(URI directory, String link) throws ProviderFailure {
        try {
            URI next = URI.create(link);
            if (directory.getAuthority().equals(next.getAuthority())
                    && directory.getScheme().equals(next.getScheme())) {
                return next;
            }
        } catch (IllegalArgumentException noAddress) {
            throw new ProviderFailure("groups_unreadable", "The directory's answer is broken.", noAddress);
        }
        throw new ProviderFailure("groups_unreadable", "The directory's answer leads elsewhere.");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
