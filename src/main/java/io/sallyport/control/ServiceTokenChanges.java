package io.sallyport.control;

import io.sallyport.catalog.ServiceTokenRepository;
import io.sallyport.catalog.ServiceTokenRow;
import io.sallyport.http.GoDuration;
import io.sallyport.session.SessionLedger;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes service tokens. */
final class ServiceTokenChanges {
    private static final String KIND = "service_token";
    private static final String FOREVER = "forever";
    private static final String ONE_YEAR = "8760h";
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Transactions transactions;
    private final AuditedRows<ServiceTokenRow> rows;
    private final ServiceTokenRepository tokens;
    private final References references;
    private final SessionLedger sessions;
    private final AdminAudit audit;
    private final InstantSource clock;

    ServiceTokenChanges(
            Transactions transactions,
            ServiceTokenRepository tokens,
            References references,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, ServiceTokenRow::id, ServiceTokenChanges::view);
        this.tokens = tokens;
        this.references = references;
        this.sessions = sessions;
        this.audit = audit;
        this.clock = clock;
    }

    Paged<ObjectNode> list(Query query) {
        return transactions.read(() ->
                Filters.page(tokens, Filters.byName(query), query.paging()).map(ServiceTokenChanges::view));
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    /** The answer carries the secret, once. */
    ObjectNode create(AdminCall call, Fields fields) {
        String name = fields.requiredLine("name", Limits.NAME);
        String duration = duration(fields).orElse(ONE_YEAR);
        boolean enabled = fields.flag("enabled").orElse(true);
        secretVersion(fields, 1);
        fields.instant(
                "previous_client_secret_expires_at"); // of a secret that is not there yet; it must be a time all the
        // same
        ShownOnceSecret secret = ShownOnceSecret.random(ShownOnceSecret.SERVICE_TOKEN);
        ObjectNode made = rows.create(call, () -> {
            Instant now = clock.instant();
            ServiceTokenRow row = new ServiceTokenRow(
                    UUID.randomUUID(),
                    name,
                    Ids.randomHex(16) + ".access",
                    secret.hash(),
                    duration,
                    end(duration, now),
                    now);
            row.change(name, enabled, now);
            return tokens.save(row);
        });
        return withSecret(made, secret);
    }

    /**
     * Merges: what is absent stays. A larger {@code client_secret_version} rotates, and the answer carries the new secret; a
     * duration that is sent restarts the clock when it differs; the previous secret's end may move both ways.
     */
    ObjectNode merge(AdminCall call, UUID id, Fields fields) {
        Optional<String> name = fields.line("name", Limits.NAME);
        Optional<String> duration = duration(fields);
        Optional<Boolean> enabled = fields.flag("enabled");
        Optional<Integer> version = secretVersion(fields, Integer.MAX_VALUE);
        Optional<Instant> previousEnd = fields.instant("previous_client_secret_expires_at");
        return transactions.write(() -> {
            ServiceTokenRow row = find(id);
            ObjectNode before = view(row);
            call.requireMatch(before);
            Instant now = clock.instant();
            if (version.isPresent() && version.get() < row.secretVersion()) {
                throw fields.invalid("client_secret_version", "must not be below " + row.secretVersion());
            }
            boolean isSwitchedOff = row.enabled() && !enabled.orElse(true);
            row.change(name.orElse(row.name()), enabled.orElse(row.enabled()), now);
            duration.filter(text -> !text.equals(row.duration()))
                    .ifPresent(text -> row.extend(text, end(text, now), now));
            ShownOnceSecret secret = null;
            boolean isSecretEnded = false;
            if (version.isPresent() && version.get() > row.secretVersion()) {
                secret = ShownOnceSecret.random(ShownOnceSecret.SERVICE_TOKEN);
                isSecretEnded = rotate(row, secret, version.get(), previousEnd, now);
            } else if (previousEnd.isPresent() && row.previousSecretHash() != null) {
                isSecretEnded = row.hasGrace(now);
                row.limitPrevious(previousEnd.get(), now);
                isSecretEnded &= !row.hasGrace(now);
            }
            if (isSwitchedOff || isSecretEnded) {
                sessions.revokeService(row.clientId());
            }
            ObjectNode after = view(row);
            audit.record(call, secret == null ? "replace" : "rotate", KIND, id.toString(), before, after);
            return withSecret(after, secret);
        });
    }

    /**
     * Gives a token a new secret.
     *
     * @return whether one that counted does so no more: who held it may have what was issued for it (ST-04)
     */
    private static boolean rotate(
            ServiceTokenRow row, ShownOnceSecret secret, int version, Optional<Instant> previousEnd, Instant now) {
        Optional<Instant> grace = previousEnd.filter(now::isBefore);
        boolean isSecretEnded = grace.isEmpty() || row.hasGrace(now);
        row.rotate(secret.hash(), version, grace.orElse(null), now);
        return isSecretEnded;
    }

    /** Zero is as good as absent: cloudflare-go v0, and with it Terraform v4, always sends the field. */
    private static Optional<Integer> secretVersion(Fields fields, int most) {
        return fields.integer("client_secret_version", 0, most).filter(version -> version > 0);
    }

    /** A new secret for the same client id; without a grace time the old one ends now, with what was issued for it (ST-04). */
    ObjectNode rotate(AdminCall call, UUID id, Fields fields) {
        Optional<Instant> previousEnd = fields.instant("previous_client_secret_expires_at");
        ShownOnceSecret secret = ShownOnceSecret.random(ShownOnceSecret.SERVICE_TOKEN);
        ObjectNode rotated = rows.change(call, "rotate", () -> find(id), row -> {
            if (rotate(row, secret, row.secretVersion() + 1, previousEnd, clock.instant())) {
                sessions.revokeService(row.clientId());
            }
        });
        return withSecret(rotated, secret);
    }

    /** Moves the end of the token's life to one duration from now. */
    ObjectNode refresh(AdminCall call, UUID id) {
        return rows.change(call, "refresh", () -> find(id), row -> {
            Instant now = clock.instant();
            row.extend(row.duration(), end(row.duration(), now), now);
        });
    }

    /** Refused while a policy or group names it. What was issued for it dies with it, behind tunnels too. */
    ObjectNode delete(AdminCall call, UUID id) {
        return rows.delete(call, () -> find(id), row -> {
            references.refuseIfNamed(id);
            tokens.delete(row);
            sessions.revokeService(row.clientId());
        });
    }

    private static Optional<String> duration(Fields fields) {
        Optional<String> text = fields.text("duration", 40);
        if (text.isPresent() && !text.get().equals(FOREVER)) {
            fields.duration("duration", SHORTEST, LONGEST);
        }
        return text;
    }

    private static @Nullable Instant end(String duration, Instant now) {
        return duration.equals(FOREVER)
                ? null
                : now.plus(GoDuration.parse(duration).orElseThrow());
    }

    private ServiceTokenRow find(UUID id) {
        return tokens.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private static ObjectNode withSecret(ObjectNode view, @Nullable ShownOnceSecret secret) {
        return secret == null ? view : view.put("client_secret", secret.revealOnce());
    }

    private static ObjectNode view(ServiceTokenRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("id", row.id().toString())
                .put("name", row.name())
                .put("client_id", row.clientId())
                .put("duration", row.duration())
                .put("enabled", row.enabled())
                .put("client_secret_version", row.secretVersion());
        view.set("expires_at", ApiTimes.node(row.expiresAt()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        if (row.lastSeenAt() != null) {
            view.set("last_seen_at", ApiTimes.node(row.lastSeenAt()));
        }
        if (row.previousExpiresAt() != null) {
            view.set("previous_client_secret_expires_at", ApiTimes.node(row.previousExpiresAt()));
        }
        return view;
    }
}
