/**
 * HTML in one place: pages, view records, templates and security headers. Knows no flows.
 */
@NullMarked
package io.sallyport.web;

import org.jspecify.annotations.NullMarked;
