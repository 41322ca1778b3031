/**
 * The one-process demo: gateway, embedded PostgreSQL, a sample origin and a mailbox page.
 */
@NullMarked
package io.sallyport.demo;

import org.jspecify.annotations.NullMarked;
