package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.IdpRef;
import io.sallyport.session.ProviderSession;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An identity that a provider or a one-time PIN has just proved; there is no session yet. The name is reduced to one
 * line of limited length. NUL, which PostgreSQL cannot store, is replaced by U+FFFD, so that two different values do
 * not become equal.
 *
 * @param claims texts, numbers, flags, and lists and objects of these
 */
record ProvenIdentity(
        Email email,
        @Nullable String name,
        IdpRef idp,
        String idpName,
        List<Group> groups,
        List<String> amr,
        Map<String, Object> claims,
        @Nullable ProviderSession there) {
    private static final int LONGEST_NAME = 200;

    /** Makes the texts storable. */
    ProvenIdentity {
        name = name == null ? null : line(name);
        groups = groups.stream()
                .map(group -> new Group(
                        readable(group.id()),
                        readable(group.name()),
                        group.email() == null ? null : readable(group.email())))
                .toList();
        amr = amr.stream().map(ProvenIdentity::readable).toList();
        claims = members(claims);
    }

    private static @Nullable String line(String name) {
        String line = name.replaceAll("[\\p{Cc}\\u2028\\u2029]+", " ").strip();
        int end = Math.min(line.length(), LONGEST_NAME);
        return line.isEmpty()
                ? null
                : line.substring(0, Character.isHighSurrogate(line.charAt(end - 1)) ? end - 1 : end);
    }

    private static String readable(String text) {
        return text.indexOf(0) < 0 ? text : text.replace('\0', '\uFFFD');
    }

    private static Map<String, Object> members(Map<?, ?> claims) {
        Map<String, Object> members = new LinkedHashMap<>();
        claims.forEach((name, value) -> members.put(readable(String.valueOf(name)), value(value)));
        return members;
    }

    private static @Nullable Object value(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case String text -> readable(text);
            case Map<?, ?> object -> members(object);
            case List<?> several -> several.stream().map(ProvenIdentity::value).toList();
            default -> value;
        };
    }

    /** For providers that do not report sign-outs. */
    ProvenIdentity(
            Email email,
            @Nullable String name,
            IdpRef idp,
            String idpName,
            List<Group> groups,
            List<String> amr,
            Map<String, Object> claims) {
        this(email, name, idp, idpName, groups, amr, claims, null);
    }
}
