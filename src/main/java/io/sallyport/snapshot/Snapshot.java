package io.sallyport.snapshot;

import io.sallyport.http.HostTable;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.TunnelId;
import io.sallyport.mtls.Demands;
import io.sallyport.token.KeyRing;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/**
 * Everything a request needs, in one immutable picture read once (house rule 1). Anything that can fail has failed before it got
 * in here.
 *
 * @param version the configuration version it was built from; only ever rises
 * @param applications by host and path pattern; the most specific wins
 * @param origins where admitted requests go, by hostname and path
 * @param tunnels whose connectors may register
 * @param demands which hosts ask for a client certificate, and of whom
 */
public record Snapshot(
        long version,
        Instant builtAt,
        Settings settings,
        HostTable<Application> applications,
        Map<AppId, Application> applicationsById,
        Map<Audience, Application> applicationsByAudience,
        HostTable<Upstream> origins,
        Map<IdpId, IdentityProvider> identityProviders,
        KeyRing keys,
        Map<TunnelId, TunnelGrant> tunnels,
        ServiceTokens serviceTokens,
        AppPasses appPasses,
        WorkloadIssuers workloads,
        Demands demands,
        Revocations revocations) {
    /** Copies the maps. */
    public Snapshot {
        applicationsById = Map.copyOf(applicationsById);
        applicationsByAudience = Map.copyOf(applicationsByAudience);
        identityProviders = Map.copyOf(identityProviders);
        tunnels = Map.copyOf(tunnels);
    }

    /** The portal as an application; the oldest, should there be several. */
    public Optional<Application> launcher() {
        return applicationsById.values().stream()
                .filter(application -> application.type().equals(LauncherDesign.TYPE))
                .min(Comparator.comparing(application -> application.id().toString()));
    }

    /** This picture with newer revocations; they travel faster than the rest. */
    Snapshot withRevocations(Revocations newer) {
        return new Snapshot(
                version,
                builtAt,
                settings,
                applications,
                applicationsById,
                applicationsByAudience,
                origins,
                identityProviders,
                keys,
                tunnels,
                serviceTokens,
                appPasses.without(newer),
                workloads,
                demands,
                newer);
    }
}
