/**
 * HTML in one place: pages, view records, templates and security headers. Knows no flows. Start reading at
 * {@link io.sallyport.web.Pages}.
 */
@NullMarked
package io.sallyport.web;

import org.jspecify.annotations.NullMarked;
