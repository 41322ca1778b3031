package io.sallyport.control;

import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.util.UUID;

/** The team domain's addresses, as browsers and identity providers see them. */
final class TeamDomain {
    private final SnapshotHolder snapshots;

    TeamDomain(SnapshotHolder snapshots) {
        this.snapshots = snapshots;
    }

    /** The one redirect URI of all providers. */
    String callback() {
        return issuer() + "/cdn-cgi/access/callback";
    }

    /** Where a provider's directory reaches inbound SCIM. */
    String scim(UUID provider) {
        return issuer() + "/cdn-cgi/access/scim/" + provider + "/v2";
    }

    private String issuer() {
        Snapshot snapshot = snapshots.current();
        if (snapshot == null) {
            throw new IllegalStateException("the API answers only once the first snapshot is built");
        }
        return snapshot.settings().issuer();
    }
}
