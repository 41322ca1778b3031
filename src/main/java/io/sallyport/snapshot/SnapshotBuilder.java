package io.sallyport.snapshot;

import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes one whole snapshot of what is stored: reads it, compiles it, and unwraps the keys that sign. */
final class SnapshotBuilder {
    private final SnapshotLoader loader;
    private final SnapshotCompiler compiler;
    private final SigningKeys keys;
    private final PublicAddress address;
    private final InstantSource clock;

    SnapshotBuilder(
            SnapshotLoader loader,
            SnapshotCompiler compiler,
            SigningKeys keys,
            PublicAddress address,
            InstantSource clock) {
        this.loader = loader;
        this.compiler = compiler;
        this.keys = keys;
        this.address = address;
        this.clock = clock;
    }

    /**
     * A snapshot.
     *
     * @param problems what could not take part in it
     * @param closedApplications how many applications are kept shut for that
     */
    record Built(Snapshot snapshot, List<ConfigProblem> problems, int closedApplications) {}

    /** @param known whose keys need not be unwrapped again; null for the first */
    Built build(@Nullable Snapshot known) {
        Rows rows = loader.load();
        SnapshotCompiler.Compiled compiled =
                compiler.compile(rows, address.issuer(rows.organization().authDomain()));
        Snapshot next = new Snapshot(
                rows.version(),
                clock.instant(),
                compiled.settings(),
                compiled.applications(),
                compiled.applicationsById(),
                compiled.applicationsByAudience(),
                compiled.origins(),
                compiled.identityProviders(),
                keys.ring(rows.keys(), known == null ? null : known.keys()),
                compiled.tunnels(),
                compiled.serviceTokens(),
                AppPasses.of(rows),
                WorkloadIssuers.of(rows),
                compiled.demands(),
                rows.revocations());
        return new Built(next, compiled.problems(), compiled.closedApplications());
    }
}
