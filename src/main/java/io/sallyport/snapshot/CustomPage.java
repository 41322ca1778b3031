package io.sallyport.snapshot;

import io.sallyport.liquid.Template;
import java.util.Map;
import java.util.Set;

/** A page an admin wrote, ready to be shown (spec/access-semantics.md §13.2). Whoever shows it must keep it in a sandbox. */
public sealed interface CustomPage {
    /** What a template may ask for. */
    Set<String> NAMES = Set.of(
            "app_name",
            "organization_name",
            "host",
            "email",
            "message",
            "reason",
            "reason_code",
            "ray_id",
            "another_account_url");

    /** {@code contract_version} absent or 0: shown as it was written. */
    record Verbatim(String html) implements CustomPage {}

    /** {@code contract_version} 1 and above: a template, whose values are escaped. */
    record Templated(Template template) implements CustomPage {}

    /** Its HTML. */
    default String html(Map<String, String> values) {
        return switch (this) {
            case Verbatim(String html) -> html;
            case Templated(Template template) -> template.render(values);
        };
    }
}
