/**
 * The only place that talks to identity providers: the login protocol, one-time PIN, logout,
 * and our paths on application hosts. Start reading at {@link io.sallyport.login.LoginRoutes}, the map of these.
 */
@NullMarked
package io.sallyport.login;

import org.jspecify.annotations.NullMarked;
