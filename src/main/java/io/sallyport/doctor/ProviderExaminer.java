package io.sallyport.doctor;

import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import java.util.List;

/** Finds out whether people could sign in through a provider, as far as that goes without a person. Blocking, for seconds. */
@FunctionalInterface
public interface ProviderExaminer {
    /** What was found, in the order it was looked at. */
    List<Finding> examine(Snapshot snapshot, IdentityProvider provider, Instant now);
}
