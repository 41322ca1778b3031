package io.sallyport.web;

/**
 * Asks whether a command line may act for the person.
 *
 * @param code what the command line shows, too
 * @param action where the form goes
 * @param token proves that this browser was given the form
 */
public record CliView(String applicationName, String email, String code, String action, String token) {}
