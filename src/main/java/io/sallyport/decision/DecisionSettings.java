package io.sallyport.decision;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the decision log.
 *
 * @param queue decisions that may wait for the database before the next is dropped and counted
 * @param fold for how long equal decisions are one
 * @param keep how long a decision is kept
 * @param keepRows how many decisions are kept; the oldest go first
 */
@ConfigurationProperties("sallyport.decisions")
record DecisionSettings(
        @DefaultValue("10000") int queue,
        @DefaultValue("1m") Duration fold,
        @DefaultValue("30d") Duration keep,
        @DefaultValue("500000") long keepRows) {
    DecisionSettings {
        if (queue < 1) {
            throw new IllegalArgumentException("sallyport.decisions.queue must be at least 1");
        }
        if (fold.isNegative() || fold.isZero()) {
            throw new IllegalArgumentException("sallyport.decisions.fold must be longer than nothing");
        }
        if (keep.isNegative() || keep.isZero()) {
            throw new IllegalArgumentException("sallyport.decisions.keep must be longer than nothing");
        }
        if (keepRows < 1) {
            throw new IllegalArgumentException("sallyport.decisions.keep-rows must be at least 1");
        }
    }
}
