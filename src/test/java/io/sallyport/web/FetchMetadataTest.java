package io.sallyport.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

class FetchMetadataTest {
    @ParameterizedTest
    @ValueSource(strings = {"cross-site", "same-site", "none", "", "Same-Origin"})
    void aFormFromAnywhereElseIsForeign(String site) {
        assertThat(FetchMetadata.isForeignForm(headers(site, "document"))).isTrue();
    }

    @Test
    void aFormOfOurOwnOrOfABrowserThatDoesNotSayIsNot() {
        assertThat(FetchMetadata.isForeignForm(headers("same-origin", "document")))
                .isFalse();
        assertThat(FetchMetadata.isForeignForm(new HttpHeaders())).isFalse();
    }

    @Test
    void onlyAWindowThatNoPageOpenedIsOpenedByHand() {
        assertThat(FetchMetadata.isOpenedByHand(headers("none", "document"))).isTrue();
        assertThat(FetchMetadata.isOpenedByHand(headers("none", "image"))).isFalse();
        assertThat(FetchMetadata.isOpenedByHand(headers("cross-site", "document")))
                .isFalse();
        assertThat(FetchMetadata.isOpenedByHand(new HttpHeaders())).isFalse();
    }

    private static HttpHeaders headers(String site, String destination) {
        HttpHeaders headers = new HttpHeaders();
        headers.set("Sec-Fetch-Site", site);
        headers.set("Sec-Fetch-Dest", destination);
        return headers;
    }
}
