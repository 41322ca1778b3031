package io.sallyport.session;

import io.sallyport.http.HostName;
import io.sallyport.http.HostTable;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.identity.UserId;
import io.sallyport.mtls.Demands;
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.PolicyAction;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import io.sallyport.policy.Subject;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Application.CookieSettings;
import io.sallyport.snapshot.Application.SameSite;
import io.sallyport.snapshot.Revocations;
import io.sallyport.snapshot.ServiceTokens;
import io.sallyport.snapshot.Settings;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.snapshot.WorkloadIssuers;
import io.sallyport.testkit.TestApplication;
import io.sallyport.testkit.TestKeys;
import io.sallyport.token.KeyRing;
import io.sallyport.token.Sha256;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A small organisation: one application, one person, one service token. Every part can be exchanged. */
final class World {
    static final Instant NOW = TestKeys.START;
    static final String ISSUER = "https://team.example.com";
    static final IdpId KEYCLOAK = IdpId.of("11111111-1111-4111-8111-111111111111");
    static final UserId ADA = UserId.of("22222222-2222-4222-8222-222222222222");
    static final AppId WIKI = AppId.of("33333333-3333-4333-8333-333333333333");
    static final Audience WIKI_TAG = new Audience("ab".repeat(32));
    static final PolicyId POLICY = PolicyId.of("44444444-4444-4444-8444-444444444444");
    static final ServiceIdentity ROBOT = new ServiceIdentity(
            ServiceTokenId.of("55555555-5555-4555-8555-555555555555"), "0".repeat(32) + ".access", "robot");
    static final String ROBOT_SECRET = "cfast_" + "s".repeat(48);

    boolean strict = true;
    boolean binding;
    CookieSettings cookies = new CookieSettings(true, SameSite.NONE, false, false, "/");
    Duration sessionDuration = Duration.ofHours(24);
    Duration policyDuration;
    List<Selector> include = List.of(new Selector.OidcClaim(KEYCLOAK, "department", "engines"));
    KeyRing keys = TestKeys.ring();
    Revocations revocations = new Revocations(0, Map.of(), Map.of(), Map.of(), Map.of(), Set.of());
    boolean robotEnabled = true;
    Instant robotExpires = NOW.plus(Duration.ofDays(365));

    Application application() {
        return application(WIKI, WIKI_TAG);
    }

    Application application(AppId id, Audience audience) {
        PolicySpec policy = new PolicySpec(
                POLICY, "engine people", PolicyAction.ALLOW, include, List.of(), List.of(), policyDuration);
        return TestApplication.named(id, audience, "Wiki", "wiki.example.com")
                .policy(PolicyCompiler.compile(
                        List.of(policy), new PolicyCompiler.References(Map.of(), Map.of(), Map.of())))
                .sessionDuration(sessionDuration)
                .cookies(new CookieSettings(
                        cookies.httpOnly(), cookies.sameSite(), binding, cookies.pathScoped(), cookies.path()))
                .build();
    }

    Snapshot snapshot() {
        Application application = application();
        return new Snapshot(
                1,
                NOW,
                new Settings(
                        "a".repeat(32),
                        "Example",
                        HostName.parse("team.example.com").orElseThrow(),
                        ISSUER,
                        null,
                        false,
                        true,
                        strict,
                        new Settings.LoginDesign(null, null, null, null, null)),
                HostTable.of(List.of()),
                Map.of(application.id(), application),
                Map.of(application.audience(), application),
                HostTable.of(List.of()),
                Map.of(),
                keys,
                Map.of(),
                new ServiceTokens(Map.of(
                        ROBOT.clientId(),
                        new ServiceTokens.Entry(
                                ROBOT,
                                Sha256.of(ROBOT_SECRET),
                                new byte[0],
                                Instant.EPOCH,
                                robotExpires,
                                robotEnabled))),
                new AppPasses(Map.of()),
                new WorkloadIssuers(Map.of()),
                Demands.NONE,
                revocations);
    }

    static Identity ada() {
        return ada(new IdentityNonce("nonce-" + UUID.randomUUID()), ADA);
    }

    static Identity ada(IdentityNonce nonce, UserId user) {
        return new Identity(
                user,
                new Email("ada@example.com"),
                "Ada Lovelace",
                new IdpRef(KEYCLOAK, "oidc"),
                List.of(Group.named("staff"), new Group("id-7", "admins", "admins@example.com")),
                List.of("pwd", "mfa"),
                Map.of("department", "engines"),
                "PT",
                "192.0.2.7",
                NOW,
                nonce);
    }

    static AccessRequest anonymous() {
        return new AccessRequest(InetAddress.getLoopbackAddress(), null, null, null, new Subject.Anonymous());
    }
}
