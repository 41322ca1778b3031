/**
 * The admin REST API under {@code /client/v4} (spec/rest-api.md): the only writer of configuration.
 */
@NullMarked
package io.sallyport.control;

import org.jspecify.annotations.NullMarked;
