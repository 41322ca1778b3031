/**
 * The admin REST API under {@code /client/v4}: the only writer of configuration. Ordinary blocking Java on virtual
 * threads.
 *
 * <p>A call passes {@link io.sallyport.control.AdminDoor}, a controller, which says in its annotations whom it is for, and a
 * {@code …Changes} class, which does the work in one of the two kinds of {@link io.sallyport.control.Transactions}. A {@code …Draft} is
 * what a request asks for, validated; a {@code …View} what an answer shows. {@code Config…} is the whole configuration as one file.
 */
@NullMarked
package io.sallyport.control;

import org.jspecify.annotations.NullMarked;
