package io.sallyport.session;

import io.sallyport.identity.Identity;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.token.TokenClaims;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * SAML attributes that are sent to origins as header fields. The fields are chosen when
 * the token is issued, because the person's provider is known then; they are stored in the token's custom claims, so
 * that a claim of another provider cannot become one (OI-11).
 */
public final class HeaderAttributes {
    private static final String CLAIM = "header_attributes";

    private HeaderAttributes() {}

    /** The custom block of a person's token: the headers first, then the configured claims. */
    static Map<String, Object> custom(Snapshot snapshot, Identity identity) {
        Map<String, Object> custom = new LinkedHashMap<>();
        if (snapshot.identityProviders().get(identity.idp().id()) instanceof IdentityProvider.Saml saml
                && !saml.headers().isEmpty()) {
            Map<String, Object> headers = new LinkedHashMap<>();
            for (IdentityProvider.HeaderAttribute each : saml.headers()) {
                Object value = identity.claims().get(each.attribute());
                if (value != null) {
                    headers.put(each.header(), value);
                }
            }
            custom.put(CLAIM, headers);
        }
        identity.claims().forEach((name, value) -> {
            if (!name.equals(CLAIM)) {
                custom.put(name, value);
            }
        });
        return custom;
    }

    /** The header fields in a token: several values are joined by commas, and UTF-8 is encoded for HTTP. */
    public static Map<String, String> of(TokenClaims.App claims) {
        return written(claims.custom());
    }

    /** The same for a person who shows no token but an app pass. */
    public static Map<String, String> of(Snapshot snapshot, Identity identity) {
        return written(custom(snapshot, identity));
    }

    private static Map<String, String> written(Map<String, Object> custom) {
        if (!(custom.get(CLAIM) instanceof Map<?, ?> headers)) {
            return Map.of();
        }
        Map<String, String> written = new LinkedHashMap<>();
        headers.forEach((name, value) -> written.put(String.valueOf(name), field(value)));
        return written;
    }

    /**
     * Lower-case names of all fields that some provider entry lists. Fields of these names are removed from clients'
     * requests.
     */
    public static Set<String> names(Snapshot snapshot) {
        Set<String> names = new LinkedHashSet<>();
        for (IdentityProvider provider : snapshot.identityProviders().values()) {
            if (provider instanceof IdentityProvider.Saml saml) {
                saml.headers().forEach(each -> names.add(each.header().toLowerCase(Locale.ROOT)));
            }
        }
        return names;
    }

    private static String field(Object value) {
        String text = value instanceof List<?> several
                ? several.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(value);
        return new String(
                text.replaceAll("\\p{Cntrl}+", " ").strip().getBytes(StandardCharsets.UTF_8),
                StandardCharsets.ISO_8859_1);
    }
}
