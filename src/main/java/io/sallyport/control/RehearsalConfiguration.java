package io.sallyport.control;

import io.sallyport.catalog.ConfigVersion;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.UserRepository;
import io.sallyport.decision.Decisions;
import io.sallyport.snapshot.SnapshotCompiler;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.snapshot.SnapshotLoader;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What the compatible API lacks: decisions explained, changes tried before they are made. */
@Configuration(proxyBeanMethods = false)
class RehearsalConfiguration {
    @Bean
    DecisionsController decisionsController(Transactions transactions, Decisions decisions, JdbcClient jdbc) {
        return new DecisionsController(new DecisionHistory(transactions, decisions, jdbc));
    }

    @Bean
    Lint lint(
            Transactions transactions,
            ConfigVersion version,
            SnapshotLoader loader,
            SnapshotCompiler compiler,
            InstantSource clock) {
        return new Lint(transactions, version, loader, compiler, clock);
    }

    @Bean
    LintController lintController(Lint lint) {
        return new LintController(lint);
    }

    @Bean
    ReplayController replayController(
            Transactions transactions,
            GroupChanges groups,
            PolicyChanges policies,
            ApplicationChanges applications,
            ConfigApply file,
            SnapshotHolder snapshots,
            Decisions decisions,
            KnownPeople people,
            PlanningPlace planning,
            InstantSource clock) {
        Proposal proposal = new Proposal(groups, policies, applications, file, transactions);
        return new ReplayController(new Replay(transactions, proposal, snapshots, decisions, people, clock), planning);
    }

    @Bean
    KnownPeople knownPeople(UserRepository users, Decisions decisions, JdbcClient jdbc) {
        return new KnownPeople(users, decisions, jdbc);
    }

    @Bean
    PolicyTestsController policyTestsController(
            Transactions transactions,
            PolicyRepository policies,
            PolicyCheck check,
            KnownPeople people,
            SnapshotLoader loader,
            JdbcClient jdbc,
            InstantSource clock) {
        return new PolicyTestsController(new PolicyTests(transactions, policies, check, people, loader, jdbc, clock));
    }
}
