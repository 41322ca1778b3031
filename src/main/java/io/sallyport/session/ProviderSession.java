package io.sallyport.session;

import org.jspecify.annotations.Nullable;

/**
 * What a provider calls a person and, if it says so, the session there: by these it may end ours (OI-14).
 *
 * @param subject the claim {@code sub}
 * @param session the claim {@code sid}
 */
public record ProviderSession(String subject, @Nullable String session) {}
