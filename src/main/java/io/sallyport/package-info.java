/**
 * The command line entry point and the Spring application. Only these know everything; start reading at {@link
 * io.sallyport.Sallyport}.
 */
@NullMarked
package io.sallyport;

import org.jspecify.annotations.NullMarked;
