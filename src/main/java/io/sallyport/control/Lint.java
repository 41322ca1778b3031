package io.sallyport.control;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.snapshot.ConfigWarning;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotCompiler.Trial;
import io.sallyport.snapshot.SnapshotLoader;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds likely mistakes in the stored configuration, also when parts of it do not compile. Many pages ask for them, so
 * they are kept until the configuration changes, or for an hour, because some speak of ends that come nearer.
 */
final class Lint {
    private static final Duration KEPT = Duration.ofHours(1);

    private final Transactions transactions;
    private final ConfigVersion version;
    private final SnapshotLoader loader;
    private final SnapshotCompiler compiler;
    private final InstantSource clock;
    private volatile @Nullable Known known;

    Lint(
            Transactions transactions,
            ConfigVersion version,
            SnapshotLoader loader,
            SnapshotCompiler compiler,
            InstantSource clock) {
        this.transactions = transactions;
        this.version = version;
        this.loader = loader;
        this.compiler = compiler;
        this.clock = clock;
    }

    /** What was found, in which version and when. */
    private record Known(long version, Instant at, List<ObjectNode> warnings) {}

    /** Warnings about the current configuration. */
    List<ObjectNode> present() {
        if (transactions.isWithinWrite()) {
            return compile(); // its version is not committed yet, and may come to mean another configuration
        }
        return transactions.read(() -> {
            long now = version.current();
            Known last = known;
            if (last == null || last.version != now || !clock.instant().isBefore(last.at.plus(KEPT))) {
                last = new Known(now, clock.instant(), compile());
                known = last;
            }
            return last.warnings;
        });
    }

    private List<ObjectNode> compile() {
        return of(compiler.attempt(loader.proposed()));
    }

    /** Warnings about a proposed configuration. */
    List<ObjectNode> of(Trial trial) {
        return trial.warnings(clock.instant()).stream().map(Lint::view).toList();
    }

    private static ObjectNode view(ConfigWarning warning) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("code", warning.code())
                .put("application_id", warning.application().toString())
                .put("application", warning.applicationName())
                .put(
                        "policy_id",
                        warning.policy() == null ? null : warning.policy().toString())
                .put("policy", warning.policyName())
                .put("pointer", warning.pointer())
                .put("reason", warning.reason())
                .put("advice", warning.advice());
    }
}
