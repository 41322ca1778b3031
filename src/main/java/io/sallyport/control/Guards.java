package io.sallyport.control;

import io.sallyport.http.HostName;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.SnapshotHolder;
import java.util.Optional;

/** Who may come to a hostname, for who has just made it lead somewhere. */
final class Guards {
    private final SnapshotHolder snapshots;

    Guards(SnapshotHolder snapshots) {
        this.snapshots = snapshots;
    }

    /** Whom the gate lets pass at a hostname. */
    enum Admits {
        /** Whom the policies of an application let pass. */
        POLICY("policy"),
        /** Nobody: there is no application for it. */
        NOBODY("nobody"),
        /** Everybody, without a sign-in: there is no application, and the organisation lets such requests pass. */
        EVERYBODY("everybody");

        private final String word;

        Admits(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    /** As of now; empty for a pattern, whose hosts may differ. */
    Optional<Admits> at(String hostname) {
        Snapshot snapshot = snapshots.current();
        return snapshot == null
                ? Optional.empty()
                : HostName.parse(hostname).map(host -> {
                    if (snapshot.applications().find(host, "/").isPresent()) {
                        return Admits.POLICY;
                    }
                    return snapshot.settings().denyUnmatchedRequests() ? Admits.NOBODY : Admits.EVERYBODY;
                });
    }
}
