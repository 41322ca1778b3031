package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.http.HostName;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How far a wildcard in a tunnel's hostname reaches. */
class DeepWildcardTest {
    private static boolean isCovered(String hostname, String host) {
        return DeepWildcard.below(hostname).stream().anyMatch(pattern -> pattern.matches(new HostName(host), "/"));
    }

    @Test
    void everythingDeeperThanTheFirstLabelIsCovered() {
        assertThat(Stream.of("a.b.example.com", "a.b.c.example.com", "1.2.3.4.5.6.7.8.9.10.example.com"))
                .allMatch(host -> isCovered("*.example.com", host));
    }

    @Test
    void theDomainItselfAndItsNeighboursAreNot() {
        assertThat(Stream.of("example.com", "a.b.example.org", "a.bexample.com"))
                .noneMatch(host -> isCovered("*.example.com", host));
    }

    @Test
    void aHostnameWithoutAWildcardStandsForItselfAlone() {
        assertThat(DeepWildcard.below("app.example.com")).isEmpty();
    }

    @Test
    void namesThatCannotBeAreLeftOut() {
        String longest = "*." + ("x".repeat(60) + ".").repeat(4) + "com";
        assertThat(DeepWildcard.below(longest)).hasSizeLessThan(9);
    }
}
