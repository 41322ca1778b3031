package io.sallyport.snapshot;

import io.sallyport.identity.IdpId;
import io.sallyport.saml.Certificates;
import io.sallyport.snapshot.IdentityProvider.DecryptionKey;
import io.sallyport.snapshot.IdentityProvider.HeaderAttribute;
import io.sallyport.snapshot.IdentityProvider.Saml;
import io.sallyport.snapshot.IdentityProvider.Unsolicited;
import io.sallyport.token.KeyWrapper;
import io.sallyport.token.SamlEncryptionKey;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Compiles a SAML provider. */
final class SamlCompiler {
    private final KeyWrapper wrapper;
    private final Rows.Provider row;
    private final Json body;
    private final Json config;
    private final List<Rows.SamlKey> keys;

    SamlCompiler(KeyWrapper wrapper, Rows.Provider row, List<Rows.SamlKey> keys) {
        this.wrapper = wrapper;
        this.row = row;
        this.body = Json.parse(row.body());
        this.config = body.member("config");
        this.keys = keys;
    }

    /**
     * Compiles it.
     *
     * @throws Json.Unreadable naming the member at fault
     * @throws GeneralSecurityException when a key of ours cannot be decrypted
     */
    IdentityProvider compile() throws GeneralSecurityException {
        Integer longest = config.number("max_sso_url_length");
        return new Saml(
                new IdpId(row.id()),
                row.name(),
                config.requiredText("issuer_url"),
                destination(),
                "post".equals(config.text("request_binding")),
                certificates(),
                List.copyOf(config.texts("attributes")),
                config.text("email_attribute_name"),
                headers(),
                config.flag("sign_request", false),
                config.flag("force_authn", false),
                longest == null ? 0 : longest,
                config.flag("allow_idp_initiated", false) ? new Unsolicited(config.text("idp_initiated_target")) : null,
                config.flag("enable_encryption", false) ? encryption(body.text("saml_certificate_set_id")) : List.of());
    }

    private URI destination() {
        URI destination = config.parsed("sso_target_url", URI::create);
        if (destination == null) {
            throw config.member("sso_target_url").unreadable("is required");
        }
        return destination;
    }

    /** The signing certificates; a provider without any is refused, because verification is never skipped (SA-03). */
    private List<X509Certificate> certificates() {
        Stream<Json> one = Stream.of(config.member("idp_public_cert")).filter(each -> !each.absent());
        List<X509Certificate> all = Stream.concat(config.member("idp_public_certs").elements().stream(), one)
                .map(SamlCompiler::certificate)
                .distinct()
                .toList();
        if (all.isEmpty()) {
            throw config.member("idp_public_certs").unreadable("needs at least one certificate");
        }
        return all;
    }

    private static X509Certificate certificate(Json text) {
        try {
            return Certificates.parse(text.node().asString(""));
        } catch (IllegalArgumentException bad) {
            throw text.unreadable(String.valueOf(bad.getMessage()));
        }
    }

    private List<HeaderAttribute> headers() {
        return config.member("header_attributes").elements().stream()
                .map(each -> new HeaderAttribute(each.requiredText("attribute_name"), each.requiredText("header_name")))
                .toList();
    }

    private List<DecryptionKey> encryption(@Nullable String set) throws GeneralSecurityException {
        List<DecryptionKey> opened = new ArrayList<>();
        for (Rows.SamlKey key : keys) {
            if (key.set().toString().equals(set)) {
                opened.add(new DecryptionKey(
                        SamlEncryptionKey.open(wrapper.unwrap(SamlEncryptionKey.record(key.id()), key.privateKey())),
                        key.certificate()));
            }
        }
        return List.copyOf(opened);
    }
}
