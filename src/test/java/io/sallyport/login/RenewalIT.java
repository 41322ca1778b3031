package io.sallyport.login;

import static io.sallyport.login.LoginServer.INSTANT;
import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * OI-15: a session is renewed from what its login established as long as the global session lives, and by a new login at the provider
 * after that. The provider is asked for nothing behind the person's back; no token of its is kept that could be.
 */
class RenewalIT {
    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    @AfterEach
    void behave() {
        world.idp.behave();
    }

    private void inGroups(String... groups) {
        world.idp.misbehave(new FakeIdp.Misbehaviour().claims(claims -> {
            claims.put("sub", "renewed");
            claims.put("email", "renewed@example.com");
            claims.put("Groups", List.of(groups));
            return claims;
        }));
    }

    private List<String> groups() {
        JsonNode identity = JsonMapper.shared()
                .readTree(visitor.get(world.url(INSTANT, "/cdn-cgi/access/get-identity"))
                        .body());
        return identity.path("groups").valueStream().map(JsonNode::asString).toList();
    }

    private int asked() {
        return world.idp.authorizations().size();
    }

    private void signIn() {
        assertThat(visitor.open(world.url(INSTANT, "/")).status()).isEqualTo(200);
    }

    @Test
    void oi15_anExpiredTokenIsRenewedFromTheLoginWithoutTheProvider() {
        inGroups("engineers");
        signIn();
        inGroups("owls");
        int before = asked();
        visitor.plant(INSTANT, "CF_Authorization", "expired");

        signIn();
        assertThat(asked()).isEqualTo(before);
        assertThat(groups()).containsExactly("engineers");
    }

    @Test
    void oi15_theProvidersGroupsAreReadAnewAtTheNextLoginThere() {
        inGroups("engineers", "admins");
        signIn();
        assertThat(groups()).containsExactly("engineers", "admins");
        inGroups("engineers");
        visitor.plant(INSTANT, "CF_Authorization", "expired");
        visitor.plant(TEAM, "CF_Authorization", "expired");

        signIn();
        assertThat(groups()).containsExactly("engineers");
    }

    @Test
    void oi15_whoseProviderRefusesTheNextLoginIsOut() {
        inGroups("engineers");
        signIn();
        visitor.plant(INSTANT, "CF_Authorization", "expired");
        visitor.plant(TEAM, "CF_Authorization", "expired");
        world.idp.misbehave(new FakeIdp.Misbehaviour()
                .callback(back -> Map.of("error", "access_denied", "state", back.get("state"))));

        Answer end = visitor.open(world.url(INSTANT, "/"));
        assertThat(end.status()).isEqualTo(400);
        assertThat(end.body()).contains("access_denied");
        assertThat(visitor.get(world.url(INSTANT, "/")).status()).isEqualTo(302);
    }

    @Test
    void oi15_aRenewalThatFailsForGoodEndsTheSession() {
        // Nobody else's person: for a minute after this they are refused every sign-in.
        world.idp.misbehave(new FakeIdp.Misbehaviour().claim("sub", "ended").claim("email", "ended@example.com"));
        signIn();
        world.admin.post("/access/organizations/revoke_user", "{\"email\":\"ended@example.com\"}");
        visitor.plant(INSTANT, "CF_Authorization", "expired");

        Answer end = visitor.open(world.url(INSTANT, "/"));
        assertThat(end.body()).contains("Your sessions were just ended");
        assertThat(visitor.get(world.url(INSTANT, "/")).status()).isEqualTo(302);
    }
}
