package io.sallyport.snapshot;

import io.sallyport.liquid.Template;
import io.sallyport.liquid.TemplateProblem;
import io.sallyport.snapshot.Application.DenySettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Chooses custom pages: the application's own of the right type, else the organisation's, else our page. A page that is
 * missing or unreadable is skipped with a log line, because a refusal must not depend on an admin's HTML.
 */
final class CustomPages {
    private static final Logger LOG = LoggerFactory.getLogger(CustomPages.class);
    private static final String IDENTITY_DENIED = "identity_denied";
    private static final String FORBIDDEN = "forbidden";
    private static final String LOGIN = "login";

    private final Map<UUID, Entry> pages = new HashMap<>();
    private final Json everywhere;

    private record Entry(String type, CustomPage page) {}

    CustomPages(List<Rows.Page> rows, Rows.Organization organization) {
        rows.forEach(this::add);
        everywhere = new Json(JsonMapper.shared().readTree(organization.body()), "").member("custom_pages");
    }

    private void add(Rows.Page row) {
        try {
            pages.put(
                    row.id(),
                    new Entry(
                            row.type(),
                            row.contractVersion() == 0
                                    ? new CustomPage.Verbatim(row.html())
                                    : new CustomPage.Templated(Template.parse(row.html()))));
        } catch (TemplateProblem unreadable) {
            LOG.warn("Custom page {} is not shown: {}", row.id(), unreadable.getMessage());
        }
    }

    /** What a visitor of this application sees when refused. */
    DenySettings deny(Rows.App row, Json body) {
        List<String> own = body.texts("custom_pages");
        return new DenySettings(
                body.text("custom_deny_message"),
                body.text("custom_deny_url"),
                body.text("custom_non_identity_deny_url"),
                page(row, own, IDENTITY_DENIED),
                page(row, own, FORBIDDEN));
    }

    /** What a visitor of this application sees before signing in; only the application itself can name one. */
    @Nullable
    CustomPage login(Rows.App row, Json body) {
        return own(row, body.texts("custom_pages"), LOGIN);
    }

    private @Nullable CustomPage own(Rows.App row, List<String> ids, String type) {
        for (String id : ids) {
            Entry entry = entry(id, "application " + row.id());
            if (entry != null && entry.type().equals(type)) {
                return entry.page();
            }
        }
        return null;
    }

    private @Nullable CustomPage page(Rows.App row, List<String> ids, String type) {
        CustomPage own = own(row, ids, type);
        if (own != null) {
            return own;
        }
        String usual = everywhere.node().path(type).asString("");
        Entry entry = usual.isEmpty() ? null : entry(usual, "the organization");
        return entry == null ? null : entry.page();
    }

    private @Nullable Entry entry(String id, String by) {
        Entry entry = uuid(id).map(pages::get).orElse(null);
        if (entry == null) {
            LOG.warn("Custom page {}, named by {}, is not there or not readable; ours is shown", id, by);
        }
        return entry;
    }

    private static Optional<UUID> uuid(String id) {
        try {
            return Optional.of(UUID.fromString(id));
        } catch (IllegalArgumentException malformed) {
            return Optional.empty();
        }
    }
}
