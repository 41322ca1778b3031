package io.sallyport.snapshot;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Ready only with a picture that counts (R-04, FC-03); details say which, how old, and what went wrong. */
final class SnapshotHealth implements HealthIndicator {
    private final SnapshotHolder holder;
    private final SnapshotRefresher refresher;
    private final ConfigListener listener;

    SnapshotHealth(SnapshotHolder holder, SnapshotRefresher refresher, ConfigListener listener) {
        this.holder = holder;
        this.refresher = refresher;
        this.listener = listener;
    }

    @Override
    public Health health() {
        Snapshot current = holder.current();
        Health.Builder health = current == null || holder.stale() ? Health.outOfService() : Health.up();
        if (current == null) {
            health.withDetail("why", "no configuration has been read yet");
        } else if (holder.stale()) {
            health.withDetail(
                    "why",
                    "the configuration could not be compared with the database for "
                            + holder.age().toSeconds()
                            + " seconds, so nobody is let in by it (sallyport.snapshot.max-staleness)");
        }
        if (current != null) {
            health.withDetail("version", current.version())
                    .withDetail("ageSeconds", holder.age().toSeconds())
                    .withDetail(
                            "problems",
                            refresher.problems().stream()
                                    .map(ConfigProblem::toString)
                                    .toList());
        }
        String failure = refresher.lastFailure();
        if (failure != null) {
            health.withDetail("failure", failure);
        }
        return health.withDetail("listening", listener.connected()).build();
    }
}
