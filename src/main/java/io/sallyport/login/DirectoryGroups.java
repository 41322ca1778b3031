package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads groups that are not in the ID token: from Microsoft Graph when a person has more groups than Entra ID lists,
 * from Okta's Users API when they exceed the claim, and from Google, whose tokens never hold groups. If the directory
 * does not answer, the sign-in fails: with a group missing, an exclude rule might not match.
 */
final class DirectoryGroups {
    private static final String ENTRA_GROUP = "#microsoft.graph.group";

    private final DirectoryCalls calls;
    private final GoogleGroups google;
    private final OktaGroups okta;

    DirectoryGroups(OutboundHttp http, JsonMapper json) {
        this.calls = new DirectoryCalls(http, json);
        this.google = new GoogleGroups(calls);
        this.okta = new OktaGroups(calls);
    }

    /** All groups of the person whose login brought this access token. */
    List<Group> of(OpenIdConnect provider, URI directory, Claims claims, Email email, String token)
            throws ProviderFailure {
        return switch (provider.type()) {
            case "azureAD" -> {
                List<Group> listed = claims.groups();
                yield listed.isEmpty() || claims.saysGroupsAreElsewhere() ? entra(directory, token) : listed;
            }
            case "okta" -> okta.of(provider, directory, claims);
            default -> google.of(provider, directory, email, token);
        };
    }

    private List<Group> entra(URI directory, String token) throws ProviderFailure {
        List<Group> groups = new ArrayList<>();
        @Nullable URI next = directory;
        for (int page = 0; next != null; page++) {
            JsonNode some = calls.accepted(calls.ask(next, token, page));
            for (JsonNode each : some.path("value")) {
                if (!each.path("@odata.type").asString(ENTRA_GROUP).equals(ENTRA_GROUP)) {
                    continue; // a directory role or administrative unit
                }
                String id = each.path("id").asString("");
                groups.add(new Group(id, each.path("displayName").asString(id), null));
            }
            String link = some.path("@odata.nextLink").asString("");
            next = link.isEmpty() ? null : sameHost(directory, link);
        }
        return groups;
    }

    /** Checks that a link to the next page stays on the directory's host, so that the token is sent nowhere else. */
    static URI sameHost(URI directory, String link) throws ProviderFailure {
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
}
