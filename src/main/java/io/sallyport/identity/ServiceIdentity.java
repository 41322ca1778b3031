package io.sallyport.identity;

/**
 * A program that presented a valid service token.
 *
 * @param clientId 32 hex digits and {@code .access}; the token's {@code common_name}
 */
public record ServiceIdentity(ServiceTokenId id, String clientId, String name) {}
