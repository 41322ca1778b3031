package io.sallyport.control;

import io.sallyport.snapshot.ConfigWarning;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotCompiler.Trial;
import io.sallyport.snapshot.SnapshotLoader;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Finds likely mistakes in the stored configuration, also when parts of it do not compile. */
final class Lint {
    private final Transactions transactions;
    private final SnapshotLoader loader;
    private final SnapshotCompiler compiler;
    private final InstantSource clock;

    Lint(Transactions transactions, SnapshotLoader loader, SnapshotCompiler compiler, InstantSource clock) {
        this.transactions = transactions;
        this.loader = loader;
        this.compiler = compiler;
        this.clock = clock;
    }

    /** Warnings about the current configuration. */
    List<ObjectNode> present() {
        return transactions.read(() -> of(compiler.attempt(loader.proposed())));
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
