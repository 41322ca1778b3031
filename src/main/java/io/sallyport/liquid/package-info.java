/**
 * Templates that admins write: a small subset of Liquid, enough for custom pages. Start reading at {@link io.sallyport.liquid.Template}.
 *
 * <p>This is not a library, because its safety comes from what it lacks: files, loops, assignments, and filters that switch off
 * escaping. So the cost of rendering is bounded by the length of the template, and no value can become markup.
 */
@NullMarked
package io.sallyport.liquid;

import org.jspecify.annotations.NullMarked;
