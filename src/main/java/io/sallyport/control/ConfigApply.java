package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Applies the configuration file, or plans what applying it would change. The change is first rehearsed: made by the
 * code of single changes, compared, and rolled back. So the plan is exact, a file that cannot be applied is refused
 * with the reason and the place, and objects that are only written differently are not touched. Then the change is made
 * in one transaction, unless somebody changed the configuration since. Other admins' small changes are not blocked by a
 * large file.
 */
final class ConfigApply {
    /** Attempts; only the last one blocks other writers. */
    private static final int ATTEMPTS = 3;

    private final Transactions transactions;
    private final ConfigExport export;
    private final ConfigSections sections;
    private final IdentityProviderChanges providers;
    private final SamlCertificates certificateSets;
    private final Lint lint;

    ConfigApply(
            Transactions transactions,
            ConfigExport export,
            ConfigSections sections,
            IdentityProviderChanges providers,
            SamlCertificates certificateSets,
            Lint lint) {
        this.transactions = transactions;
        this.export = export;
        this.sections = sections;
        this.providers = providers;
        this.certificateSets = certificateSets;
        this.lint = lint;
    }

    /**
     * A rehearsal's or a change's result.
     *
     * @param version the configuration's version at the beginning
     */
    private record Outcome(
            long version, ConfigPlan plan, ArrayNode credentials, List<ObjectNode> warnings, ArrayNode leftOpen) {}

    /** Returns what would change, and new lint warnings. */
    ObjectNode plan(AdminCall call, ObjectNode file) {
        ConfigDocument document = ConfigDocument.read(file);
        return answer(rehearse(call, document), false);
    }

    /**
     * Applies the differences. Others may write meanwhile; after a concurrent change it starts again, and the last
     * attempt blocks other writers.
     *
     * @param base the configuration version the version that the reviewed plan was based on, which must still be
     *     current; empty when there was no plan
     */
    ObjectNode apply(AdminCall call, ObjectNode file, Optional<Integer> base) {
        ConfigDocument document = ConfigDocument.read(file);
        for (int attempt = 1; ; attempt++) {
            boolean last = attempt == ATTEMPTS;
            try {
                return apply(call, document, base, last ? transactions::write : transactions::writeWithoutHurry);
            } catch (Transactions.Moved moved) {
                if (last || base.isPresent()) {
                    throw ApiProblem.conflict(
                            moved.getMessage() + " since the plan; plan again and look at what it says now");
                }
            }
        }
    }

    /** A kind of transaction. */
    private interface Write {
        <T> T make(Supplier<T> work);
    }

    private ObjectNode apply(AdminCall call, ConfigDocument document, Optional<Integer> base, Write write) {
        if (isAllNew(call, ConfigMatch.of(document, export.read()))) {
            return answer(applyNew(call, document, base, write), true);
        }
        Outcome rehearsal = rehearse(call, document);
        requireUnmoved(base, rehearsal.version);
        if (rehearsal.plan.isEmpty()) {
            return answer(rehearsal, false);
        }
        ArrayNode credentials = write.make(() -> {
            requireUnmoved(rehearsal.version, transactions.found());
            ConfigWorld live = export.read();
            ConfigMatch match = ConfigMatch.of(document, live);
            Set<String> secrets = newSecrets(call, match);
            return new ConfigChanges(call, transactions, sections, certificateSets, live, document, match)
                    .make(item -> rehearsal.plan.changes(item.kind(), item.id()) || hasNewSecret(item, secrets));
        });
        return answer(
                new Outcome(rehearsal.version, rehearsal.plan, credentials, rehearsal.warnings, rehearsal.leftOpen),
                true);
    }

    /** Without existing objects to change no rehearsal is needed: one pass instead of two. */
    private Outcome applyNew(AdminCall call, ConfigDocument document, Optional<Integer> base, Write write) {
        return write.make(() -> {
            long found = transactions.found();
            requireUnmoved(base, found);
            ConfigWorld live = export.read();
            ConfigMatch match = ConfigMatch.of(document, live);
            if (!isAllNew(call, match)) {
                throw ApiProblem.conflict("the configuration moved while it was compared; try again");
            }
            ArrayNode credentials = new ConfigChanges(
                            call, transactions, sections, certificateSets, live, document, match)
                    .make(item -> false);
            transactions.settle();
            return new Outcome(
                    found,
                    ConfigPlan.between(live, export.read(), Set.of()),
                    credentials,
                    List.of(),
                    JsonNodeFactory.instance.arrayNode());
        });
    }

    private boolean isAllNew(AdminCall call, ConfigMatch match) {
        return !(match.created().isEmpty() && match.removed().isEmpty())
                && match.differing().values().stream().allMatch(Set::isEmpty)
                && newSecrets(call, match).isEmpty();
    }

    private static void requireUnmoved(Optional<Integer> base, long found) {
        base.ifPresent(version -> requireUnmoved((long) version, found));
    }

    private static void requireUnmoved(long expected, long found) {
        if (expected != found) {
            throw new Transactions.Moved(expected, found);
        }
    }

    private Outcome rehearse(AdminCall call, ConfigDocument document) {
        Set<ObjectNode> said = new LinkedHashSet<>(lint.present());
        return transactions.rehearse(
                call,
                () -> makeDiffering(call, document),
                (made, trial) -> new Outcome(
                        transactions.found(),
                        ConfigPlan.between(made.live, export.read(), made.secrets),
                        JsonNodeFactory.instance.arrayNode(),
                        lint.of(trial).stream()
                                .filter(warning -> !said.contains(warning))
                                .toList(),
                        made.leftOpen));
    }

    /** Applies the file in the surrounding rehearsal, for checks of the resulting configuration. */
    void makeOnStage(AdminCall call, ObjectNode file) {
        makeDiffering(call, ConfigDocument.read(file));
    }

    /**
     * The state at the beginning of a rehearsal.
     *
     * @param secrets that the file replaces
     */
    private record Made(ConfigWorld live, Set<String> secrets, ArrayNode leftOpen) {}

    private Made makeDiffering(AdminCall call, ConfigDocument document) {
        ConfigWorld live = export.read();
        ConfigMatch match = ConfigMatch.of(document, live);
        Set<String> secrets = newSecrets(call, match);
        Map<ConfigKind, Set<String>> differing = match.differing();
        Predicate<Item> touched = item -> hasNewSecret(item, secrets)
                || differing.getOrDefault(item.kind(), Set.of()).contains(item.id());
        new ConfigChanges(call, transactions, sections, certificateSets, live, document, match).make(touched);
        transactions.settle();
        return new Made(live, secrets, LeftOpen.of(call, document, match, touched));
    }

    /**
     * Secrets in the file that differ from the stored ones: provider id and member, separated by a slash. Empty for callers that may not
     * write them, since the comparison would tell them whether a guess is right ({@link LeftOpen}).
     */
    private Set<String> newSecrets(AdminCall call, ConfigMatch match) {
        if (!IdentityProviderChanges.mayWrite(call)) {
            return Set.of();
        }
        Set<String> secrets = new LinkedHashSet<>();
        match.known(ConfigKind.IDENTITY_PROVIDERS)
                .forEach((entry, item) -> entry.secrets().forEach((member, value) -> {
                    if (!providers.holds(item.uuid(), Map.of(member, value))) {
                        secrets.add(item.id() + "/" + member);
                    }
                }));
        return secrets;
    }

    private static boolean hasNewSecret(Item item, Set<String> secrets) {
        return item.kind() == ConfigKind.IDENTITY_PROVIDERS
                && secrets.stream().anyMatch(secret -> secret.startsWith(item.id() + "/"));
    }

    private static ObjectNode answer(Outcome outcome, boolean applied) {
        ObjectNode answer = JsonNodeFactory.instance
                .objectNode()
                .put("base_version", outcome.version)
                .put("applied", applied);
        answer.setAll(outcome.plan.json());
        ArrayNode warnings = answer.putArray("warnings");
        outcome.warnings.forEach(warnings::add);
        answer.set("left_open", outcome.leftOpen);
        answer.set("credentials", outcome.credentials);
        return answer;
    }
}
