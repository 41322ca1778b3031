package io.sallyport.control;

import io.sallyport.catalog.ApplicationRow;
import io.sallyport.identity.AppId;
import io.sallyport.session.SessionLedger;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import org.springframework.data.jpa.domain.Specification;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes applications. */
final class ApplicationChanges {
    private static final String KIND = "application";
    private static final String PASSES = "sallyport_app_passes";
    private static final List<String> SETTINGS = List.of("allow_iframe", "skip_interstitial");

    private final Transactions transactions;
    private final StoredApplications applications;
    private final ApplicationCheck check;
    private final PolicyAttachments attachments;
    private final ApplicationViews views;
    private final SessionLedger sessions;
    private final AdminAudit audit;
    private final InstantSource clock;

    ApplicationChanges(
            Transactions transactions,
            StoredApplications applications,
            ApplicationCheck check,
            PolicyAttachments attachments,
            ApplicationViews views,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.applications = applications;
        this.check = check;
        this.attachments = attachments;
        this.views = views;
        this.sessions = sessions;
        this.audit = audit;
        this.clock = clock;
    }

    /** Filters {@code aud}, {@code domain}, {@code name}, {@code search}; {@code exact} compares whole texts. */
    Paged<ObjectNode> list(Query query) {
        Specification<ApplicationRow> filter =
                query.flag("exact") ? matching(query, Filters::is) : matching(query, Filters::contains);
        Specification<ApplicationRow> audience = Filters.is("aud", query.text("aud"));
        return transactions.read(() -> {
            Paged<ApplicationRow> page = applications.page(filter.and(audience), query.paging());
            return new Paged<>(page.paging(), views.many(page.items()), page.total());
        });
    }

    private static Specification<ApplicationRow> matching(
            Query query, BiFunction<String, Optional<String>, Specification<ApplicationRow>> compare) {
        Optional<String> anywhere = query.text("search");
        return compare.apply("name", query.text("name"))
                .and(compare.apply("domain", query.text("domain")))
                .and(compare.apply("name", anywhere).or(compare.apply("domain", anywhere)));
    }

    /** All applications of type bookmark. */
    List<ObjectNode> bookmarks() {
        Specification<ApplicationRow> bookmarks = Filters.is("type", Optional.of("bookmark"));
        return transactions.read(() -> views.many(applications.all(bookmarks)));
    }

    ObjectNode get(String idOrAudience) {
        return transactions.read(() -> views.one(applications.find(idOrAudience)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        return make(call, UUID.randomUUID(), ApplicationDraft.read(fields));
    }

    /** Creates an application with an id chosen by the client, which must be unused. */
    ObjectNode createAs(AdminCall call, UUID id, Fields fields) {
        ApplicationDraft draft = ApplicationDraft.read(fields);
        return transactions.write(() -> {
            applications.requireFree(id);
            return make(call, id, draft);
        });
    }

    private ObjectNode make(AdminCall call, UUID id, ApplicationDraft draft) {
        return transactions.write(() -> {
            Instant now = clock.instant();
            ApplicationRow row = new ApplicationRow(id, Ids.randomHex(32), draft.type(), now);
            check.require(draft);
            row.change(draft.name(), draft.domain(), draft.body(), now);
            applications.add(row, draft.patterns());
            ObjectNode after = views.one(
                    row, attachments.attachFirst(row.id(), draft.attachments().orElse(List.of()), now));
            audit.record(call, "create", KIND, row.id().toString(), null, after);
            return after;
        });
    }

    /**
     * Replaces the application, except members of ours that stock clients do not send: app passes are switched off by
     * an explicit null only.
     */
    ObjectNode replace(AdminCall call, String idOrAudience, Fields fields) {
        return replace(call, idOrAudience, fields, !fields.mentions(PASSES));
    }

    /** Replaces the application completely: what is omitted is switched off. For the configuration file. */
    ObjectNode replaceWhole(AdminCall call, String idOrAudience, Fields fields) {
        return replace(call, idOrAudience, fields, false);
    }

    private ObjectNode replace(AdminCall call, String idOrAudience, Fields fields, boolean keepPasses) {
        if (!fields.has("type")) { // it never changes, and Terraform's fifth provider leaves out what its admin did
            String type =
                    transactions.read(() -> applications.find(idOrAudience).type());
            fields.json().put("type", type);
        }
        ApplicationDraft draft = ApplicationDraft.read(fields);
        return transactions.write(() -> {
            ApplicationRow row = applications.find(idOrAudience);
            ObjectNode before = views.one(row);
            call.requireMatch(before);
            if (!row.type().equals(draft.type())) {
                throw fields.invalid("type", "cannot change; the application is of type " + row.type());
            }
            check.require(draft);
            JsonNode passes = row.body().get(PASSES);
            if (keepPasses && passes != null) {
                draft.body().set(PASSES, passes.deepCopy());
            }
            Instant now = clock.instant();
            row.change(draft.name(), draft.domain(), draft.body(), now);
            applications.change(row, draft.patterns());
            ObjectNode after = draft.attachments()
                    .map(wanted -> views.one(row, attachments.replace(row.id(), wanted, now)))
                    .orElseGet(() -> views.one(row));
            audit.record(call, "replace", KIND, row.id().toString(), before, after);
            return after;
        });
    }

    /** Deletes the application and its own policies. */
    UUID delete(AdminCall call, String idOrAudience) {
        return transactions.write(() -> {
            ApplicationRow row = applications.find(idOrAudience);
            ObjectNode before = views.one(row);
            call.requireMatch(before);
            applications.delete(row);
            audit.record(call, "delete", KIND, row.id().toString(), before, null);
            return row.id();
        });
    }

    /** Ends all sessions of the application. */
    void revokeTokens(AdminCall call, String idOrAudience) {
        transactions.write(() -> {
            ApplicationRow row = applications.find(idOrAudience);
            call.requireMatch(views.one(row));
            sessions.revokeApplication(new AppId(row.id()));
            audit.record(call, "revoke_tokens", KIND, row.id().toString(), null, null);
            return row;
        });
    }

    /** Merges the two switches of {@code …/settings}. */
    ObjectNode changeSettings(AdminCall call, String idOrAudience, Fields fields) {
        SETTINGS.forEach(fields::flag);
        return transactions.write(() -> {
            ApplicationRow row = applications.find(idOrAudience);
            ObjectNode before = views.one(row);
            call.requireMatch(before);
            ObjectNode body = ((ObjectNode) row.body()).deepCopy();
            SETTINGS.stream()
                    .filter(fields::has)
                    .forEach(name -> body.set(name, fields.json().get(name)));
            row.change(row.name(), row.domain(), body, clock.instant());
            audit.record(call, "settings", KIND, row.id().toString(), before, views.one(row));
            ObjectNode settings = JsonNodeFactory.instance.objectNode();
            SETTINGS.forEach(name -> {
                JsonNode value = body.get(name);
                settings.put(name, value != null && value.booleanValue());
            });
            return settings;
        });
    }
}
