package io.sallyport.snapshot;

import io.sallyport.liquid.Template;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A page an admin wrote, ready to be shown (spec/access-semantics.md §13.2). Whoever shows it must keep it in a sandbox. */
public sealed interface CustomPage {
    /** Ways to sign in that a page can name one by one; the link to our own page leads to all. */
    int MOST_METHODS = 9;

    /** What a template of that type may ask for. */
    static Set<String> names(String type) {
        return type.equals("login") ? LOGIN_NAMES : REFUSAL_NAMES;
    }

    /** What a login page may ask for: {@code login_1_name}, {@code login_1_url} and so on, and {@code login_url} for all of them. */
    Set<String> LOGIN_NAMES = Stream.concat(
                    Stream.of("app_name", "organization_name", "host", "ray_id", "login_url"),
                    IntStream.rangeClosed(1, MOST_METHODS)
                            .boxed()
                            .flatMap(i -> Stream.of("login_" + i + "_name", "login_" + i + "_url")))
            .collect(Collectors.toUnmodifiableSet());

    /** What a page that refuses may ask for. */
    Set<String> REFUSAL_NAMES = Set.of(
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
