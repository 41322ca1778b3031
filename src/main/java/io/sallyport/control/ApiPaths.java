package io.sallyport.control;

/**
 * The base paths of the API. Most resources answer below the account and below its zone, with the same bodies.
 */
final class ApiPaths {
    static final String ROOT = "/client/v4";
    static final String ACCOUNT = ROOT + "/accounts/{account}";
    static final String ZONE = ROOT + "/zones/{zone}";

    private ApiPaths() {}
}
