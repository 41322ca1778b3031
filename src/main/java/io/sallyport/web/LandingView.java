package io.sallyport.web;

import org.jspecify.annotations.Nullable;

/**
 * The portal's page for visitors who are not signed in.
 *
 * @param imageUrl a picture the admin chose, null when there is none
 * @param signIn where signing in begins
 */
public record LandingView(
        String title, String message, @Nullable String imageUrl, String signIn) {}
