/**
 * The one-process demo: gateway, embedded PostgreSQL, a sample origin and a mailbox page. Start reading at
 * {@link io.sallyport.demo.Demo}.
 */
@NullMarked
package io.sallyport.demo;

import org.jspecify.annotations.NullMarked;
