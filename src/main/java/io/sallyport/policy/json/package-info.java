/**
 * Spells policies and selectors as the REST API does. Start reading at
 * {@link io.sallyport.policy.json.SelectorJson}.
 */
@NullMarked
package io.sallyport.policy.json;

import org.jspecify.annotations.NullMarked;
