package io.sallyport.doctor;

import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.snapshot.Snapshot;
import java.time.Instant;
import java.util.List;

/** Finds out whether people could sign in through a provider, as far as that goes without a person. Blocking, for seconds. */
@FunctionalInterface
public interface ProviderExaminer {
    /**
     * Examines one provider. A failure of the provider is a finding, not an exception.
     *
     * @param snapshot the configuration that the login would use
     * @param now against which validity times are compared
     * @return what was found, in the order in which it was looked at
     */
    List<Finding> examine(Snapshot snapshot, IdentityProvider provider, Instant now);
}
