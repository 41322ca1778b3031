package io.sallyport.control;

import io.sallyport.doctor.Finding;
import io.sallyport.doctor.ProviderExaminer;
import io.sallyport.identity.IdpId;
import io.sallyport.saml.ProviderMetadata;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.ProviderScopes;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Examines a stored provider: returns the settings it should have at the vendor, and the findings of a dry login.
 * Limits concurrent examinations.
 */
final class ProviderExaminations {
    private static final int AT_ONCE = 4;
    private static final String CHECK = "metadata";

    private final SnapshotHolder snapshots;
    private final IdentityProviderChanges providers;
    private final ProviderExaminer examiner;
    private final ProviderSetup setup;
    private final SamlImport metadata;
    private final MetadataRenewal renewal;
    private final InstantSource clock;
    private final Semaphore room = new Semaphore(AT_ONCE);

    ProviderExaminations(
            SnapshotHolder snapshots,
            IdentityProviderChanges providers,
            ProviderExaminer examiner,
            ProviderSetup setup,
            SamlImport metadata,
            MetadataRenewal renewal,
            InstantSource clock) {
        this.snapshots = snapshots;
        this.providers = providers;
        this.examiner = examiner;
        this.setup = setup;
        this.metadata = metadata;
        this.renewal = renewal;
        this.clock = clock;
    }

    /** Blocks, at most for the timeouts of five calls. */
    ObjectNode examine(UUID id) {
        ObjectNode stored = providers.get(id);
        Snapshot snapshot = snapshots.current();
        IdentityProvider provider =
                snapshot == null ? null : snapshot.identityProviders().get(new IdpId(id));
        if (snapshot == null || provider == null) {
            throw ApiProblem.busy("The provider has just been made");
        }
        if (!room.tryAcquire()) {
            throw ApiProblem.busy("Other providers are being examined");
        }
        try {
            List<Finding> found = new ArrayList<>(examiner.examine(snapshot, provider, clock.instant()));
            JsonNode config = stored.path("config");
            if (config.path("metadata_url").isString()) {
                found.add(metadata(id, config));
            }
            ObjectNode answer = JsonNodeFactory.instance
                    .objectNode()
                    .put("id", id.toString())
                    .put("name", provider.name())
                    .put("type", provider.type());
            answer.set("setup", setup.of(provider.type(), scopes(provider.type(), config), id));
            return put(answer, found);
        } finally {
            room.release();
        }
    }

    /** The scopes of the entry, or the defaults of its type. */
    private static List<String> scopes(String type, JsonNode config) {
        List<String> own = config.path("scopes")
                .valueStream()
                .map(scope -> scope.asString(""))
                .toList();
        if (!own.isEmpty()) {
            return own;
        }
        return config.path("support_groups").asBoolean(false)
                ? ProviderScopes.withGroups(type)
                : ProviderScopes.of(type);
    }

    /** Whether the provider's current metadata equals what was imported. */
    private Finding metadata(UUID id, JsonNode config) {
        String url = config.path("metadata_url").stringValue();
        JsonNode reading = renewal.show(id);
        try {
            ProviderMetadata now = metadata.read(URI.create(url));
            String issuer = config.path("issuer_url").asString("");
            if (!now.entityId().equals(issuer)) {
                return Finding.warning(
                        CHECK,
                        "The metadata at %s is that of %s, not of %s, so it is not used; correct config.metadata_url."
                                .formatted(url, now.entityId(), issuer));
            }
            String next = reading.path("next_at").asString("soon");
            return SamlImport.names(config, now)
                    ? Finding.ok(
                            CHECK,
                            "The metadata at %s is what was imported; it is read again by itself, next at %s."
                                    .formatted(url, next))
                    : Finding.warning(
                            CHECK,
                            "The metadata at %s names other certificates than were imported; it is read by itself at %s, or now, if you save the provider."
                                    .formatted(url, next));
        } catch (IOException | IllegalArgumentException failed) {
            return Finding.warning(
                    CHECK,
                    "The metadata at %s cannot be used: %s. What it said %s goes on to count; correct config.metadata_url if it has moved."
                            .formatted(
                                    url,
                                    failed.getMessage(),
                                    reading.path("read_at").isString()
                                            ? "at " + reading.path("read_at").stringValue()
                                            : "when the provider was saved"));
        }
    }

    /** Adds findings to an answer, and whether none of them failed. */
    static ObjectNode put(ObjectNode answer, List<Finding> found) {
        answer.put("healthy", found.stream().noneMatch(finding -> finding.verdict() == Finding.Verdict.FAILED));
        ArrayNode findings = answer.putArray("findings");
        found.forEach(finding -> findings.addObject()
                .put("check", finding.check())
                .put("verdict", finding.verdict().word())
                .put("sentence", finding.sentence()));
        return answer;
    }
}
