package io.sallyport.web;

import org.springframework.http.HttpHeaders;

/** The origin of a request according to the browser, in header fields that pages cannot set (W3C Fetch Metadata). */
public final class FetchMetadata {
    private static final String SITE = "Sec-Fetch-Site";

    private FetchMetadata() {}

    /**
     * Whether a page of another origin posted this form. Old browsers do not send the field, so this is checked in
     * addition to the form's own seal.
     */
    public static boolean isForeignForm(HttpHeaders headers) {
        String site = headers.getFirst(SITE);
        return site != null && !site.equals("same-origin");
    }

    /** Whether the address was opened by the user or another program, and not by a page. */
    public static boolean isOpenedByHand(HttpHeaders headers) {
        return "none".equals(headers.getFirst(SITE)) && "document".equals(headers.getFirst("Sec-Fetch-Dest"));
    }
}
