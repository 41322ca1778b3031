/**
 * Decides who may come in: a pure function of a compiled policy and the facts of one request. Start reading at
 * {@link io.sallyport.policy.CompiledPolicy}.
 */
@NullMarked
package io.sallyport.policy;

import org.jspecify.annotations.NullMarked;
