/**
 * The tables of what admins configure and of what the product remembers: JPA entities, repositories, and the one
 * configuration version. Start reading at {@link io.sallyport.catalog.ApplicationRow} and in {@code db/migration}.
 */
@NullMarked
package io.sallyport.catalog;

import org.jspecify.annotations.NullMarked;
