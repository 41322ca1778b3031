package io.sallyport.login;

import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The claims of a verified ID token, under the names of OpenID Connect Core §5.1 and those that providers use beside them. */
record Claims(Map<String, Object> all) {
    private static final String GROUPS = "groups";

    /** Vendors send a boolean or its text; Entra ID was seen to send a number. */
    private static final Set<String> YES = Set.of("true", "1");

    /** A claim that is text. */
    Optional<String> text(String name) {
        return all.get(name) instanceof String text && !text.isBlank() ? Optional.of(text) : Optional.empty();
    }

    /** A claim that is text or a list of texts. */
    List<String> texts(String name) {
        return elements(all.get(name))
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    /**
     * Whether the address may be used as the identity (OI-11): the provider says that it is verified, or says nothing
     * and is trusted for addresses. Trusted are directories of one company, whose administrators assign addresses, and
     * the claim that an admin configured as the address, because {@code email_verified} is only about {@code email}.
     */
    boolean vouchesForEmail(OpenIdConnect provider) {
        return verified(provider).orElseGet(() -> provider.trustedForEmail() || provider.namesEmailClaim());
    }

    /**
     * What the provider says about the verification of {@code email}, and of no other claim. Entra ID's claim for it is
     * {@code xms_edov} ("email domain owner verified"), which an administrator has to enable.
     */
    Optional<Boolean> verified(OpenIdConnect provider) {
        Object said = all.get("email_verified");
        if (said == null && provider.type().equals("azureAD") && !provider.namesEmailClaim()) {
            said = all.get("xms_edov");
        }
        return Optional.ofNullable(said)
                .map(word -> YES.contains(word.toString().toLowerCase(Locale.ROOT)));
    }

    /** The address: the configured claim, then {@code email}, for Entra then the user principal name. */
    Optional<Email> email(OpenIdConnect provider) {
        List<String> names = new ArrayList<>();
        String named = provider.emailClaimName();
        if (named != null && !named.isBlank()) {
            names.add(named);
        }
        names.add("email");
        if (provider.type().equals("azureAD")) {
            names.addAll(List.of("upn", "preferred_username"));
        }
        return names.stream().flatMap(name -> text(name).stream()).findFirst().flatMap(Email::parse);
    }

    /** The groups claim, whatever its letter case: names, or objects of a directory. */
    List<Group> groups() {
        return all.entrySet().stream()
                .filter(claim -> claim.getKey().equalsIgnoreCase(GROUPS))
                .flatMap(claim -> elements(claim.getValue()))
                .flatMap(element -> group(element).stream())
                .distinct()
                .toList();
    }

    /** Whether there are more groups than the token holds (Entra's overage claim). */
    boolean saysGroupsAreElsewhere() {
        return all.get("_claim_names") instanceof Map<?, ?> elsewhere && elsewhere.containsKey(GROUPS);
    }

    /** The configured custom claims that are present, in configured order. */
    Map<String, Object> only(List<String> names) {
        Map<String, Object> chosen = new LinkedHashMap<>();
        for (String name : names) {
            Object value = all.get(name);
            if (value != null) {
                chosen.put(name, value);
            }
        }
        return chosen;
    }

    private static Optional<Group> group(Object element) {
        if (element instanceof String name) {
            return Optional.of(Group.named(name));
        }
        if (element instanceof Map<?, ?> object) {
            String id = textOf(object.get("id"));
            String name = textOf(object.get("name"));
            String email = textOf(object.get("email"));
            if (id != null) {
                return Optional.of(new Group(id, name == null ? id : name, email));
            }
            return name == null ? Optional.empty() : Optional.of(new Group(name, name, email));
        }
        return Optional.empty();
    }

    private static @Nullable String textOf(@Nullable Object value) {
        return value instanceof String text && !text.isBlank() ? text : null;
    }

    private static Stream<?> elements(@Nullable Object value) {
        return value instanceof List<?> list ? list.stream() : Stream.ofNullable(value);
    }
}
