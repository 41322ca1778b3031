package io.sallyport.testkit;

import io.sallyport.http.UrlPattern;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.snapshot.Application;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An application as it is when an admin says nothing but its name and domain; a test changes what it is about. */
public final class TestApplication {
    private final AppId id;
    private final Audience audience;
    private String name;
    private final String domain;
    private List<UrlPattern> patterns = List.of();
    private List<UrlPattern> overrides = List.of();
    private CompiledPolicy policy =
            PolicyCompiler.compile(List.of(), new PolicyCompiler.References(Map.of(), Map.of(), Map.of()));
    private Duration sessionDuration = Duration.ofHours(24);
    private Application.CookieSettings cookies =
            new Application.CookieSettings(true, Application.SameSite.NONE, false, false, "/");
    private Application.DenySettings deny = new Application.DenySettings(null, null, null);
    private Application.@Nullable CorsSettings cors;
    private boolean serviceAuth401;
    private boolean strict;

    private TestApplication(AppId id, Audience audience, String name, String domain) {
        this.id = id;
        this.audience = audience;
        this.name = name;
        this.domain = domain;
    }

    /** The wiki at wiki.example.com, which admits nobody yet. */
    public static TestApplication wiki() {
        return named(new AppId(new UUID(0, 1)), new Audience("0".repeat(64)), "Wiki", "wiki.example.com");
    }

    /** Another one, which admits nobody yet. */
    public static TestApplication named(AppId id, Audience audience, String name, String domain) {
        return new TestApplication(id, audience, name, domain);
    }

    /** Another one that was made here, to be changed. */
    public static TestApplication like(Application other) {
        TestApplication same = named(other.id(), other.audience(), other.name(), other.domain())
                .patterns(other.patterns())
                .overrides(other.publicOverrides())
                .policy(other.policy())
                .sessionDuration(other.sessionDuration())
                .cookies(other.cookies())
                .deny(other.deny())
                .serviceAuth401(other.serviceAuth401Redirect())
                .strict(other.strictlyFresh());
        same.cors = other.cors();
        return same;
    }

    /** What people call it. */
    public TestApplication name(String changed) {
        name = changed;
        return this;
    }

    /** Where it is. */
    public TestApplication patterns(List<UrlPattern> changed) {
        patterns = changed;
        return this;
    }

    /** Paths without any check. */
    public TestApplication overrides(List<UrlPattern> changed) {
        overrides = changed;
        return this;
    }

    /** Whom it admits. */
    public TestApplication policy(CompiledPolicy changed) {
        policy = changed;
        return this;
    }

    /** How long its tokens live. */
    public TestApplication sessionDuration(Duration changed) {
        sessionDuration = changed;
        return this;
    }

    /** Its cookie. */
    public TestApplication cookies(Application.CookieSettings changed) {
        cookies = changed;
        return this;
    }

    /** What it says to those it refuses. */
    public TestApplication deny(Application.DenySettings changed) {
        deny = changed;
        return this;
    }

    /** Whether programs get 401 instead of a redirect. */
    public TestApplication serviceAuth401(boolean changed) {
        serviceAuth401 = changed;
        return this;
    }

    /** Whether it closes a minute after the database was last heard of. */
    public TestApplication strict(boolean changed) {
        strict = changed;
        return this;
    }

    /** As the snapshot holds it. */
    public Application build() {
        return new Application(
                id,
                audience,
                "self_hosted",
                name,
                domain,
                patterns,
                overrides,
                policy,
                sessionDuration,
                Set.of(),
                false,
                cookies,
                cors,
                false,
                serviceAuth401,
                false,
                null,
                deny,
                null,
                true,
                List.of(),
                null,
                null,
                strict,
                null);
    }
}
