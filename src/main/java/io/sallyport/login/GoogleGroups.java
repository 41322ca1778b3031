package io.sallyport.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpId;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The groups of a Google Workspace account, asked with the person's own token. The Directory API of the Admin SDK
 * answers 403 to all who are no administrators, so this is the Cloud Identity API
 * (cloud.google.com/identity/docs/reference/rest/v1/groups.memberships), which answers everybody about themselves:
 * {@code searchTransitiveGroups} with all groups or, in editions without it and for people with a group whose members
 * they may not see, 403; then {@code searchDirectGroups} with those whose members they may see. What the second leaves
 * out is logged for the admin. When neither answers, the sign-in fails instead of going on with fewer groups (FC-06).
 */
final class GoogleGroups {
    private static final Logger LOG = LoggerFactory.getLogger(GoogleGroups.class);
    private static final String FORUM = "'cloudidentity.googleapis.com/groups.discussion_forum' in labels";
    private static final int PAGE = 200;
    private static final int FORBIDDEN = 403;

    private final DirectoryCalls directory;

    /** Providers for which the warning was logged within the hour. */
    private final Cache<IdpId, Boolean> told = Caffeine.newBuilder()
            .maximumSize(1_000)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    GoogleGroups(DirectoryCalls directory) {
        this.directory = directory;
    }

    /** All groups that Google shows to this person. */
    List<Group> of(OpenIdConnect provider, URI memberships, Email email, String token) throws ProviderFailure {
        Search whole = search(memberships + ":searchTransitiveGroups", email, token);
        if (whole.groups().isPresent()) {
            return whole.groups().get();
        }
        Search direct = search(memberships + ":searchDirectGroups", email, token);
        if (direct.groups().isEmpty()) {
            LOG.warn(
                    "Google tells {} no groups: {}; {}",
                    provider.id(),
                    Callback.shorten(whole.refusal()),
                    Callback.shorten(direct.refusal()));
            throw new ProviderFailure(
                    "groups_unreadable",
                    "Google does not tell your groups (403). Your administrator switches on the Cloud Identity API in the project of"
                            + " the OAuth client and trusts that client to read groups.");
        }
        if (told.asMap().putIfAbsent(provider.id(), true) == null) {
            LOG.warn(
                    "Google tells {} the direct groups of some people only ({}): groups within groups, and groups whose members are"
                            + " hidden from them, are not seen by policies.",
                    provider.id(),
                    Callback.shorten(whole.refusal()));
        }
        return direct.groups().get();
    }

    /**
     * The result of a search.
     *
     * @param groups empty when Google refused
     * @param refusal the reason as Google states it
     */
    private record Search(Optional<List<Group>> groups, String refusal) {}

    private Search search(String method, Email email, String token) throws ProviderFailure {
        List<Group> groups = new ArrayList<>();
        String more = "";
        int page = 0;
        do {
            OutboundExchange.Answer answer = directory.ask(
                    URI.create(method + "?query=" + encode("member_key_id == '" + quoted(email) + "' && " + FORUM)
                            + "&pageSize=" + PAGE + (more.isEmpty() ? "" : "&pageToken=" + encode(more))),
                    token,
                    page++);
            if (answer.status() == FORBIDDEN) {
                return new Search(
                        Optional.empty(),
                        directory.read(answer).at("/error/message").asString("403"));
            }
            JsonNode some = directory.accepted(answer);
            for (JsonNode each : some.path("memberships")) {
                String address = each.at("/groupKey/id").asString("");
                groups.add(new Group(
                        each.path("group").asString(address).replaceFirst("^groups/", ""),
                        each.path("displayName").asString(address),
                        address));
            }
            more = some.path("nextPageToken").asString("");
        } while (!more.isEmpty());
        return new Search(Optional.of(groups), "");
    }

    /** The address as a string of the Common Expression Language; it cannot contain a backslash or double quote. */
    private static String quoted(Email email) {
        return email.value().replace("'", "\\'");
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
