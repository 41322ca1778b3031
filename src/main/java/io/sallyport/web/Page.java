package io.sallyport.web;

/**
 * A rendered page.
 *
 * @param status HTTP status
 * @param nonce the CSP nonce its inline style carries
 */
public record Page(int status, String html, String nonce) {}
