package io.sallyport.cli;

import io.sallyport.identity.Email;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One case of {@code policy test}: who asks for what, from where, and what should come of it.
 *
 * @param application its name, or host and path
 * @param email null for nobody, and for a program
 * @param groups names or ids, as the provider reports them
 * @param expect {@code allowed}, {@code denied} or {@code login_required}
 */
record TestCase(
        String name,
        String application,
        @Nullable Email email,
        @Nullable String loginMethod,
        List<String> groups,
        List<String> authMethods,
        Map<String, Object> claims,
        @Nullable String serviceToken,
        @Nullable String commonName,
        String ip,
        @Nullable String country,
        String expect,
        @Nullable String policy) {
    private static final Set<String> OUTCOMES = Set.of("allowed", "denied", "login_required");
    private static final Set<String> MEMBERS = Set.of("name", "application", "who", "from", "expect", "policy");
    private static final Set<String> WHO =
            Set.of("email", "login_method", "groups", "auth_methods", "claims", "service_token", "common_name");
    private static final Set<String> FROM = Set.of("ip", "country");
    private static final String ANYWHERE = "203.0.113.1";
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    /** Reads a case. A misspelt member is refused, because the case would test something else without it. */
    static TestCase read(JsonNode json, int number) {
        String name = json.path("name").asString("case " + number);
        requireKnown(json, MEMBERS, name);
        JsonNode who = json.path("who");
        JsonNode from = json.path("from");
        requireKnown(who, WHO, name + ", who");
        requireKnown(from, FROM, name + ", from");
        String expect = json.path("expect").asString("");
        if (!OUTCOMES.contains(expect)) {
            throw new CommandFailure(name + ": expect must be allowed, denied or login_required");
        }
        String application = json.path("application").asString("");
        if (application.isEmpty()) {
            throw new CommandFailure(name + ": application is missing: a name, or a host and path");
        }
        return new TestCase(
                name,
                application,
                email(who, name),
                text(who, "login_method"),
                texts(who, "groups"),
                texts(who, "auth_methods"),
                who.path("claims").isObject() ? JsonMapper.shared().convertValue(who.path("claims"), OBJECT) : Map.of(),
                text(who, "service_token"),
                text(who, "common_name"),
                from.path("ip").asString(ANYWHERE),
                text(from, "country"),
                expect,
                text(json, "policy"));
    }

    private static @Nullable Email email(JsonNode who, String name) {
        String text = text(who, "email");
        return text == null
                ? null
                : Email.parse(text)
                        .orElseThrow(() -> new CommandFailure(name + ": " + text + " is not an e-mail address"));
    }

    private static void requireKnown(JsonNode json, Set<String> members, String where) {
        for (String member : json.propertyNames()) {
            if (!members.contains(member)) {
                throw new CommandFailure(where + ": there is no member " + member);
            }
        }
    }

    private static @Nullable String text(JsonNode json, String member) {
        JsonNode value = json.path(member);
        return value.isMissingNode() || value.isNull() ? null : value.asString("");
    }

    private static List<String> texts(JsonNode json, String member) {
        List<String> texts = new ArrayList<>();
        json.path(member).forEach(each -> texts.add(each.asString("")));
        return texts;
    }
}
