/**
 * One parser for hostile input, shared by all: hosts, paths, addresses, return URLs, the heads of frames, and the names of headers and
 * cookies. Plain Java, no framework. Start reading at {@link io.sallyport.http.RequestTarget}.
 */
@NullMarked
package io.sallyport.http;

import org.jspecify.annotations.NullMarked;
