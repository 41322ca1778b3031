package io.sallyport.web;

import org.jspecify.annotations.Nullable;

/**
 * The page on which an admin approves {@code tunnel login}.
 *
 * @param action where the form goes
 * @param key names the waiting command; null when none waits and the certificate is a download
 * @param code what the command has printed, to be compared; null when none waits
 * @param error what was wrong with the last try, null on a first visit
 */
public record CertificateView(
        String action,
        @Nullable String key,
        @Nullable String code,
        @Nullable String error) {}
