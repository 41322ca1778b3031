package io.sallyport.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyCompiler;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** An application is kept exactly as long as all it was made of is the same. */
class CompiledApplicationsTest {
    private static final UUID ID = UUID.fromString("00000000-0000-4000-8000-000000000001");
    private static final Rows.Organization ORGANIZATION = new Rows.Organization("Acme", "auth.example.com", "{}");

    private final CompiledApplications applications = new CompiledApplications();
    private final CustomPages pages = new CustomPages(List.of(), ORGANIZATION);
    private final CompiledPolicy policy = nobody();

    private static CompiledPolicy nobody() {
        return new PolicyCompiler(new PolicyCompiler.References(Map.of(), Map.of(), Map.of())).compile(List.of());
    }

    private static Rows.App row(String body) {
        return new Rows.App(ID, 1, "a".repeat(64), "self_hosted", "Wiki", "wiki.example.com", body);
    }

    private Application of(String body, String destination, CompiledPolicy policy, CustomPages pages) {
        return applications.of(row(body), List.of(destination), policy, pages);
    }

    @Test
    void whatReadsTheSameIsTheSameObject() {
        Application first = of("{}", "wiki.example.com", policy, pages);

        assertThat(of("{}", "wiki.example.com", policy, pages)).isSameAs(first);
    }

    @Test
    void anotherBodyPlacePolicyOrPageMakesItAnew() {
        Application first = of("{}", "wiki.example.com", policy, pages);

        assertThat(of("{\"session_duration\": \"1h\"}", "wiki.example.com", policy, pages))
                .isNotSameAs(first)
                .extracting(Application::sessionDuration)
                .hasToString("PT1H");
        assertThat(of("{}", "docs.example.com", policy, pages)).isNotSameAs(first);
        assertThat(of("{}", "wiki.example.com", nobody(), pages)).isNotSameAs(first);
        assertThat(of("{}", "wiki.example.com", policy, new CustomPages(List.of(), ORGANIZATION)))
                .isNotSameAs(first);
    }

    @Test
    void whatIsGoneIsForgotten() {
        Application first = of("{}", "wiki.example.com", policy, pages);

        applications.retain(Set.of());

        assertThat(of("{}", "wiki.example.com", policy, pages)).isNotSameAs(first);
    }
}
