package io.sallyport.token;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer of {@code /.well-known/openid-configuration} on the team domain, for validators that only take an issuer. It names
 * the key set and nothing to log in with: the team domain is not a general OpenID provider.
 */
public final class DiscoveryDocument {
    /** Where the key set is served, below the issuer. */
    public static final String CERTS_PATH = "/cdn-cgi/access/certs";

    private DiscoveryDocument() {}

    /**
     * UTF-8 JSON.
     *
     * @param issuer scheme and auth domain, no trailing slash
     */
    public static byte[] of(String issuer) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("issuer", issuer);
        document.put("jwks_uri", issuer + CERTS_PATH);
        document.put("id_token_signing_alg_values_supported", List.of("RS256"));
        document.put("response_types_supported", List.of("none"));
        document.put("subject_types_supported", List.of("public"));
        document.put("claims_supported", List.of("aud", "email", "exp", "iat", "iss", "sub", "type", "common_name"));
        return JSONObjectUtils.toJSONString(document).getBytes(StandardCharsets.UTF_8);
    }
}
