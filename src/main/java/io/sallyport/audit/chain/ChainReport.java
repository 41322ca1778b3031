package io.sallyport.audit.chain;

import java.util.List;
import java.util.Optional;

/**
 * What a whole export amounts to.
 *
 * @param first position of the first record; 0 when there is none
 * @param last position of the last record
 * @param end the signed end mark
 */
public record ChainReport(long first, long last, Optional<Checkpoint> end, List<Finding> findings) {
    /** Copies the findings. */
    public ChainReport {
        findings = List.copyOf(findings);
    }

    /** Whether nothing was changed, removed, moved or added. */
    public boolean intact() {
        return findings.isEmpty();
    }
}
