package io.sallyport.control;

import io.sallyport.snapshot.ConfigWarning;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotCompiler.Trial;
import io.sallyport.snapshot.SnapshotLoader;
import java.time.InstantSource;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Looks through the stored configuration, broken or not, for what is most likely not meant. */
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

    /** Of the configuration as it is. */
    List<ObjectNode> present() {
        return transactions.read(() -> of(compiler.attempt(loader.proposed())));
    }

    /** Of one that is not in force. */
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
