package io.sallyport.control;

import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.CustomPageRepository;
import io.sallyport.catalog.CustomPageRow;
import io.sallyport.liquid.Template;
import io.sallyport.liquid.TemplateProblem;
import io.sallyport.snapshot.CustomPage;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads and changes custom pages. */
final class CustomPageChanges {
    private static final String KIND = "custom_page";
    /** A type stock clients know, of which there is nothing here to replace: it is kept, and its writer told so. */
    private static final String INTERSTITIAL = "interstitial";

    private static final Set<String> TYPES = Set.of("identity_denied", "forbidden", "login", INTERSTITIAL);

    private static final int LONGEST_HTML = 500_000;
    private static final int MOST_PAGES = 100;

    /** Every replica holds all pages in memory. */
    private static final long MOST_CHARACTERS = 10_000_000;

    private static final Set<String> NOT_IN_BODY =
            Set.of("id", "uid", "name", "type", "custom_html", "app_count", "created_at", "updated_at", "warnings");

    private final Transactions transactions;
    private final AuditedRows<CustomPageRow> rows;
    private final CustomPageRepository pages;
    private final ApplicationRepository applications;
    private final OrganizationChanges organization;
    private final InstantSource clock;

    CustomPageChanges(
            Transactions transactions,
            CustomPageRepository pages,
            ApplicationRepository applications,
            OrganizationChanges organization,
            AdminAudit audit,
            InstantSource clock) {
        this.transactions = transactions;
        this.rows = new AuditedRows<>(KIND, transactions, audit, CustomPageRow::id, CustomPageChanges::view);
        this.pages = pages;
        this.applications = applications;
        this.organization = organization;
        this.clock = clock;
    }

    /** The list leaves the pages' HTML out. */
    Paged<ObjectNode> list(Query query) {
        return transactions.read(
                () -> Filters.page(pages, Filters.byName(query), query.paging()).map(row -> {
                    ObjectNode item = view(row);
                    item.remove("custom_html");
                    return item;
                }));
    }

    /** All pages with their HTML. */
    List<ObjectNode> whole() {
        return transactions.read(() -> pages.findAll(Filters.BY_AGE).stream()
                .map(CustomPageChanges::view)
                .toList());
    }

    ObjectNode get(UUID id) {
        return transactions.read(() -> view(find(id)));
    }

    ObjectNode create(AdminCall call, Fields fields) {
        Draft draft = Draft.read(fields);
        ObjectNode made = rows.create(call, () -> {
            if (pages.count() >= MOST_PAGES) {
                throw fields.invalid("custom_html", "is one too many: there are " + MOST_PAGES + " already, the limit");
            }
            requireRoom(fields, draft, 0);
            return pages.save(new CustomPageRow(
                    UUID.randomUUID(), draft.name(), draft.type(), draft.html(), draft.body(), clock.instant()));
        });
        return draft.warn(made);
    }

    ObjectNode replace(AdminCall call, UUID id, Fields fields) {
        Draft draft = Draft.read(fields);
        ObjectNode changed = rows.change(call, "replace", () -> find(id), row -> {
            requireRoom(fields, draft, row.html().length());
            row.change(draft.name(), draft.type(), draft.html(), draft.body(), clock.instant());
        });
        return draft.warn(changed);
    }

    private void requireRoom(Fields fields, Draft draft, int less) {
        if (pages.characters() - less + draft.html().length() > MOST_CHARACTERS) {
            throw fields.invalid(
                    "custom_html", "all custom pages together may have " + MOST_CHARACTERS + " characters at most");
        }
    }

    /**
     * Refused while an application shows it. The organisation forgets it instead: Terraform has no way to take anything back from an
     * organisation, which it cannot destroy, and would never get rid of a page that one names.
     */
    void delete(AdminCall call, UUID id) {
        rows.delete(call, () -> find(id), row -> {
            List<String> referrers = referrers(id);
            if (!referrers.isEmpty()) {
                throw ApiProblem.conflict("still used by " + String.join(", ", referrers));
            }
            organization.forgetPage(call, id);
            pages.delete(row);
        });
    }

    private List<String> referrers(UUID id) {
        return applications.findAll(Filters.BY_AGE).stream()
                .filter(row -> row.body().path("custom_pages").values().stream().anyMatch(page -> Ids.names(page, id)))
                .map(row -> "application " + row.name() + " (" + row.id() + ")")
                .toList();
    }

    /** A page as a request describes it. */
    private record Draft(String name, String type, String html, ObjectNode body, List<String> warnings) {
        static Draft read(Fields fields) {
            String name = fields.requiredLine("name", Limits.NAME);
            String type = fields.oneOf("type", TYPES).orElseThrow(() -> fields.invalid("type", "is required"));
            String html = fields.text("custom_html", LONGEST_HTML)
                    .orElseThrow(() -> fields.invalid("custom_html", "is required"));
            int contract = fields.integer("contract_version", 0, 1000).orElse(0);
            List<String> warnings = new ArrayList<>();
            if (type.equals(INTERSTITIAL)) {
                warnings.add("an interstitial page is kept and not shown: what stands between is the confirmation of a"
                        + " command line, with its pairing code; skip_interstitial of an application leaves it out");
            }
            if (contract > 0) {
                unknownNames(fields, type, html)
                        .forEach(unknown -> warnings.add(unknown + " is a name without a value here"));
            }
            return new Draft(name, type, html, fields.keptExcept(NOT_IN_BODY), List.copyOf(warnings));
        }

        private static List<String> unknownNames(Fields fields, String type, String html) {
            try {
                return Template.parse(html).names().stream()
                        .filter(name -> !CustomPage.names(type).contains(name))
                        .sorted()
                        .toList();
            } catch (TemplateProblem unreadable) {
                throw fields.invalid("custom_html", String.valueOf(unreadable.getMessage()));
            }
        }

        /** The answer to a write, with what is likely not meant. */
        ObjectNode warn(ObjectNode view) {
            warnings.forEach(message -> view.withArray("warnings")
                    .addObject()
                    .put("message", message)
                    .put("tier", "warning"));
            return view;
        }
    }

    private CustomPageRow find(UUID id) {
        return pages.findById(id).orElseThrow(ApiProblem::notFound);
    }

    private static ObjectNode view(CustomPageRow row) {
        ObjectNode view = JsonNodeFactory.instance
                .objectNode()
                .put("uid", row.id().toString())
                .put("name", row.name())
                .put("type", row.type())
                .put("custom_html", row.html());
        row.body().properties().forEach(member -> view.set(member.getKey(), member.getValue()));
        view.set("created_at", ApiTimes.node(row.createdAt()));
        view.set("updated_at", ApiTimes.node(row.updatedAt()));
        return view;
    }
}
