/**
 * Templates that admins write: a small part of Liquid, enough for a page that says no. Start reading at {@link io.sallyport.liquid.Template}.
 *
 * <p>Not a library, because what is promised here is what is missing: no files, no loops, no assignments, no filter that lifts the
 * escaping. So rendering costs as much as the template is long, whoever wrote it, and every value arrives as text.
 */
@NullMarked
package io.sallyport.liquid;

import org.jspecify.annotations.NullMarked;
