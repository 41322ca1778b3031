package io.sallyport.identity;

/**
 * The identity provider a login went through.
 *
 * @param type the API's spelling: {@code oidc}, {@code onetimepin}, …
 */
public record IdpRef(IdpId id, String type) {}
