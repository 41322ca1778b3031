package io.sallyport.login;

import io.sallyport.identity.IdpId;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.Snapshot;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The ways to sign in to an application: its allowed providers, one-time PIN only if mail works (OI-11). */
record LoginMethods(List<IdentityProvider> providers, Optional<IdentityProvider.OneTimePin> pin) {
    /** Reads them from the snapshot. */
    static LoginMethods of(Snapshot snapshot, Application application, boolean mailWorks) {
        List<IdentityProvider> usable = snapshot.identityProviders().values().stream()
                .filter(provider -> allowed(application, provider.id()))
                .sorted(Comparator.comparing(IdentityProvider::name, String.CASE_INSENSITIVE_ORDER)
                        .thenComparing(provider -> provider.id().value()))
                .toList();
        return new LoginMethods(
                usable.stream()
                        .filter(provider -> provider instanceof IdentityProvider.OpenIdConnect
                                || provider instanceof IdentityProvider.GitHub
                                || provider instanceof IdentityProvider.Saml
                                || provider instanceof IdentityProvider.OAuthProfile)
                        .toList(),
                usable.stream()
                        .filter(_ -> mailWorks)
                        .filter(IdentityProvider.OneTimePin.class::isInstance)
                        .map(IdentityProvider.OneTimePin.class::cast)
                        .findFirst());
    }

    /** Whether the application takes logins of this provider at all. */
    static boolean allowed(Application application, IdpId provider) {
        return application.allowedIdps().isEmpty() || application.allowedIdps().contains(provider);
    }

    /** The provider with that id, if it is offered. */
    Optional<IdentityProvider> provider(String id) {
        return providers.stream()
                .filter(provider -> provider.id().toString().equals(id))
                .findFirst();
    }

    /** The only way to sign in, when there is just one and it is a provider; instant auth redirects to it. */
    Optional<IdentityProvider> single() {
        return providers.size() == 1 && pin.isEmpty() ? Optional.of(providers.getFirst()) : Optional.empty();
    }

    /** Whether there are ways besides that provider. */
    boolean others(IdpId provider) {
        return pin.isPresent() || providers.stream().anyMatch(each -> !each.id().equals(provider));
    }

    boolean none() {
        return providers.isEmpty() && pin.isEmpty();
    }
}
