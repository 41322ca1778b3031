package io.sallyport.control;

import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;

/** The team domain's addresses, as browsers and identity providers see them. */
final class TeamDomain {
    private final SnapshotHolder snapshots;

    TeamDomain(SnapshotHolder snapshots) {
        this.snapshots = snapshots;
    }

    /** The one redirect URI of all providers (spec/access-semantics.md §7.1). */
    String callback() {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            throw new IllegalStateException("the API answers only once the first snapshot is built");
        }
        return snapshot.settings().issuer() + "/cdn-cgi/access/callback";
    }
}
