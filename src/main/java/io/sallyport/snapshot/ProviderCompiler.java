package io.sallyport.snapshot;

import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.identity.IdpId;
import io.sallyport.snapshot.IdentityProvider.OneTimePin;
import io.sallyport.snapshot.IdentityProvider.Unavailable;
import io.sallyport.token.KeyWrapper;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;

/**
 * Compiles identity providers: decrypts their secrets; {@link ProviderPreset} and {@link SamlCompiler} read the
 * settings of each kind.
 */
final class ProviderCompiler {
    private final KeyWrapper wrapper;

    ProviderCompiler(KeyWrapper wrapper) {
        this.wrapper = wrapper;
    }

    /**
     * Compiles one provider. If its secret cannot be decrypted, only this provider becomes unavailable (FC-08).
     *
     * @throws Json.Unreadable naming the member at fault
     */
    IdentityProvider compile(Rows.Provider row, List<Rows.SamlKey> samlKeys) {
        IdpId id = new IdpId(row.id());
        if (row.type().equals("onetimepin")) {
            return new OneTimePin(id, row.name());
        }
        Json config = Json.parse(row.body()).member("config");
        Json secrets;
        try {
            secrets = secrets(row);
        } catch (GeneralSecurityException closed) {
            return new Unavailable(id, row.name(), row.type(), "its secret cannot be decrypted");
        }
        ProviderPreset preset = new ProviderPreset(id, row.name(), row.type(), config, secrets);
        return switch (row.type()) {
            case "oidc" -> preset.generic();
            case "google", "google-apps" -> preset.google();
            case "okta" -> preset.okta();
            case "azureAD" -> preset.entra();
            case "onelogin" -> preset.oneLogin();
            case "pingone" -> preset.pingOne();
            case "centrify" -> preset.centrify();
            case "github" -> preset.gitHub();
            case "saml" -> saml(row, samlKeys);
            case "facebook" -> preset.facebook();
            case "linkedin" -> preset.linkedIn();
            case "yandex" -> preset.yandex();
            default ->
                new Unavailable(
                        id, row.name(), row.type(), "sign-in by " + row.type() + " is not offered by this release");
        };
    }

    private IdentityProvider saml(Rows.Provider row, List<Rows.SamlKey> samlKeys) {
        try {
            return new SamlCompiler(wrapper, row, samlKeys).compile();
        } catch (GeneralSecurityException closed) {
            return new Unavailable(
                    new IdpId(row.id()), row.name(), row.type(), "its decryption keys cannot be decrypted");
        }
    }

    private Json secrets(Rows.Provider row) throws GeneralSecurityException {
        byte[] sealed = row.secret();
        return Json.parse(
                sealed == null
                        ? "{}"
                        : new String(
                                wrapper.unwrap(IdentityProviderRow.secretRecord(row.id()), sealed),
                                StandardCharsets.UTF_8));
    }
}
