package io.sallyport.login;

import io.sallyport.doctor.Finding;
import io.sallyport.doctor.ProviderExaminer;
import io.sallyport.http.AccessHeaders;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.IdentityProvider.GitHub;
import io.sallyport.snapshot.IdentityProvider.OAuthProfile;
import io.sallyport.snapshot.IdentityProvider.OneTimePin;
import io.sallyport.snapshot.IdentityProvider.OpenIdConnect;
import io.sallyport.snapshot.IdentityProvider.Saml;
import io.sallyport.snapshot.IdentityProvider.Unavailable;
import io.sallyport.snapshot.Snapshot;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.MessagingException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Examines a provider by the steps of a login, up to the point where a person would enter a password. Its calls obey
 * the same rules and time limits as those of logins (OI-08).
 */
final class ProviderDoctor implements ProviderExaminer {
    private final OpenIdChecks openId;
    private final DryLogin dryLogin;
    private final SamlChecks saml;
    private final MailQueue mails;

    ProviderDoctor(OpenIdChecks openId, DryLogin dryLogin, SamlChecks saml, MailQueue mails) {
        this.openId = openId;
        this.dryLogin = dryLogin;
        this.saml = saml;
        this.mails = mails;
    }

    @Override
    public List<Finding> examine(Snapshot snapshot, IdentityProvider provider, Instant now) {
        String callback = snapshot.settings().issuer() + AccessHeaders.RESERVED_PATH + "callback";
        return switch (provider) {
            case OpenIdConnect connect -> openIdConnect(connect, callback);
            case GitHub hub ->
                dryLogin.examine(
                        new DryLogin.Client(GitHubLogin.client(hub, callback)),
                        hub.apiUrl().resolve(hub.apiUrl().getPath() + "/user"));
            case OAuthProfile profile ->
                dryLogin.examine(new DryLogin.Client(ProfileLogin.client(profile, callback)), profile.profileUrl());
            case Saml asserting -> saml.examine(snapshot, asserting, callback, now);
            case OneTimePin _ -> List.of(mail());
            case Unavailable unavailable ->
                List.of(Finding.failed(
                        "entry", "Nobody can sign in here: " + unavailable.why() + "; save the provider again."));
        };
    }

    private List<Finding> openIdConnect(OpenIdConnect provider, String callback) {
        List<Finding> found = new ArrayList<>();
        Optional<Discovery.Endpoints> endpoints = openId.endpoints(provider, found);
        if (endpoints.isEmpty()) {
            return found;
        }
        found.add(openId.keys(endpoints.get().certsUrl()));
        URI directory = provider.directory();
        found.addAll(dryLogin.examine(
                new DryLogin.Client(OidcLogin.client(provider, endpoints.get(), callback)), directory));
        return found;
    }

    private Finding mail() {
        try {
            return mails.probe()
                    .map(where -> Finding.ok("mail", "Mail goes to " + where + "."))
                    .orElseGet(() -> Finding.failed(
                            "mail", "No mail server is configured; set spring.mail.host, or nobody is sent a code."));
        } catch (AuthenticationFailedException refused) {
            return Finding.failed(
                    "mail",
                    "The mail server does not accept the user name and password; correct spring.mail.username and"
                            + " spring.mail.password (" + Callback.shorten(String.valueOf(refused.getMessage()))
                            + ").");
        } catch (MessagingException failed) {
            return Finding.failed(
                    "mail",
                    "The mail server cannot be used; check spring.mail.host, spring.mail.port and its STARTTLS settings ("
                            + Callback.shorten(String.valueOf(failed.getMessage())) + ").");
        }
    }
}
