package io.sallyport.web;

import org.springframework.http.HttpHeaders;

/** What a browser says of where a request comes from, in fields that no page can write (W3C Fetch Metadata). */
public final class FetchMetadata {
    private static final String SITE = "Sec-Fetch-Site";

    private FetchMetadata() {}

    /**
     * Whether a page of another origin sent this form. Old browsers do not say, so this stands beside the form's own seal and never
     * instead of it.
     */
    public static boolean isForeignForm(HttpHeaders headers) {
        String site = headers.getFirst(SITE);
        return site != null && !site.equals("same-origin");
    }

    /** Whether somebody, or a program for them, opened the address in a window, and no page did. */
    public static boolean isOpenedByHand(HttpHeaders headers) {
        return "none".equals(headers.getFirst(SITE)) && "document".equals(headers.getFirst("Sec-Fetch-Dest"));
    }
}
