/**
 * Inbound SCIM 2.0 (RFC 7643, RFC 7644): a directory tells us about its people and groups, above all
 * that somebody has left. It never makes anybody a user here and never decides what a policy says; it ends sessions, refreshes the
 * groups of running ones where the provider entry asks for that, and gives the policy editor readable names.
 *
 * <p>Start at {@link io.sallyport.scim.ScimRoutes}.
 */
@NullMarked
package io.sallyport.scim;

import org.jspecify.annotations.NullMarked;
