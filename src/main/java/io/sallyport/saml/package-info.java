/**
 * SAML 2.0 as a strict service provider speaks it (Web Browser SSO Profile; threats SA-01 to SA-12):
 * plain Java over the JDK's XML signatures, no network, no clock, so that every attack is a test of milliseconds. It promises that
 * what it returns was read from the very octets that a configured certificate signed, and that nothing else of a document counts.
 *
 * <p>Start at {@link io.sallyport.saml.ResponseVerifier}.
 */
@NullMarked
package io.sallyport.saml;

import org.jspecify.annotations.NullMarked;
