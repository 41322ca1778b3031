/**
 * What the gate decided, kept so that it can say why: every allow, deny and login-required under a short id, with the inputs it was
 * made from and the whole tree of policies, rules and values. Told on the request path without waiting, written down beside it.
 * Start reading at {@link io.sallyport.decision.QueuedDecisionLog}.
 */
@NullMarked
package io.sallyport.decision;

import org.jspecify.annotations.NullMarked;
