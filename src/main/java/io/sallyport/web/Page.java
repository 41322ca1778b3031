package io.sallyport.web;

/**
 * A rendered page.
 *
 * @param status HTTP status
 * @param contentSecurityPolicy the policy that fits exactly this page; carries the nonce of its one inline style
 */
public record Page(int status, String html, String contentSecurityPolicy) {}
