package io.sallyport.snapshot;

import io.sallyport.liquid.Template;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A page written by an admin, compiled. It must be shown in a sandbox. */
public sealed interface CustomPage {
    /** Sign-in methods that a page can list one by one; the link to our own page leads to all. */
    int MOST_METHODS = 9;

    /** The names that a template of a type may use. */
    static Set<String> names(String type) {
        return type.equals("login") ? LOGIN_NAMES : REFUSAL_NAMES;
    }

    /**
     * The names that a login page may use: {@code login_1_name}, {@code login_1_url} and so on, and {@code login_url}
     * for all of them.
     */
    Set<String> LOGIN_NAMES = Stream.concat(
                    Stream.of("app_name", "organization_name", "host", "ray_id", "login_url"),
                    IntStream.rangeClosed(1, MOST_METHODS)
                            .boxed()
                            .flatMap(i -> Stream.of("login_" + i + "_name", "login_" + i + "_url")))
            .collect(Collectors.toUnmodifiableSet());

    /** The names that a page of a refusal may use. */
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
