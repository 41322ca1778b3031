package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.audit.AuditEvent;
import io.sallyport.audit.AuditLog;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.UserId;
import io.sallyport.session.SessionLedger;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** People, what their logins left behind, and how an admin ends it; logins are put into the real ledger and log. */
class SessionsIT {
    private final SessionLedger ledger = Api.server().context().getBean(SessionLedger.class);
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    /** Someone who signed in. */
    private record Person(String id, String email, IdentityNonce nonce) {
        String path() {
            return "/access/users/" + id;
        }
    }

    private Person signedIn(String stem, String country, String ip, List<String> amr) {
        String pin = Api.oneTimePin();
        Email email = new Email(Api.unique(stem) + "@example.com");
        UserId user = ledger.person(email, "Ada", now).orElseThrow();
        return new Person(user.toString(), email.value(), login(user, email, pin, country, ip, amr, now));
    }

    private IdentityNonce login(
            UserId user, Email email, String idp, String country, String ip, List<String> amr, Instant at) {
        IdentityNonce nonce = new IdentityNonce(Ids.randomHex(16));
        ledger.begin(
                new Identity(
                        user,
                        email,
                        "Ada",
                        new IdpRef(new IdpId(UUID.fromString(idp)), "onetimepin"),
                        List.of(new Group("g1", "Engineers", null)),
                        amr,
                        Map.of("department", "R&D"),
                        country,
                        ip,
                        at,
                        nonce),
                now.plus(Duration.ofHours(1)));
        return nonce;
    }

    private static Api.Answer application(String policy) {
        return Api.create("/access/apps", """
                {"type": "self_hosted", "name": "%s", "domain": "%s", "policies": [%s]}""".formatted(Api.unique("app"), Api.uniqueHost(), policy));
    }

    @Test
    void sessionsAreListedWithTheApplicationsTheyReached() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of("otp"));
        Api.Answer app = application("\"" + Api.policy() + "\"");
        ledger.touch(ada.nonce(), new AppId(UUID.fromString(app.id())), now.plusSeconds(60));

        JsonNode sessions = Api.get(ada.path() + "/active_sessions").result();
        assertThat(sessions.size()).isEqualTo(1);
        JsonNode session = sessions.path(0);
        assertThat(session.path("expiration").asLong())
                .isEqualTo(now.plusSeconds(3600).getEpochSecond());
        assertThat(session.path("name").asString()).endsWith("." + ada.nonce());
        JsonNode metadata = session.path("metadata");
        assertThat(metadata.path("nonce").asString()).isEqualTo(ada.nonce().value());
        assertThat(metadata.path("iat").asLong()).isEqualTo(now.getEpochSecond());
        assertThat(metadata.path("ttl").asLong()).isEqualTo(3600);
        JsonNode reached = metadata.path("apps").path(app.result().path("aud").asString());
        assertThat(reached.path("uid").asString()).isEqualTo(app.id());
        assertThat(reached.path("hostname")).isEqualTo(app.result().path("domain"));
        assertThat(reached.path("type").asString()).isEqualTo("self_hosted");
    }

    @Test
    void aSessionByItsNonceIsTheIdentityBehindIt() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of("otp"));
        JsonNode identity =
                Api.get(ada.path() + "/active_sessions/" + ada.nonce()).result();
        assertThat(identity.path("isActive").asBoolean()).isTrue();
        assertThat(identity.path("email").asString()).isEqualTo(ada.email());
        assertThat(identity.path("user_uuid").asString()).isEqualTo(ada.id());
        assertThat(identity.path("geo").path("country").asString()).isEqualTo("PT");
        assertThat(identity.path("ip").asString()).isEqualTo("192.0.2.7");
        assertThat(identity.path("idp").path("type").asString()).isEqualTo("onetimepin");
        assertThat(identity.path("groups").path(0).path("name").asString()).isEqualTo("Engineers");
        assertThat(identity.path("oidc_fields").path("department").asString()).isEqualTo("R&D");

        Person other = signedIn("bob", "PT", "192.0.2.7", List.of("otp"));
        assertThat(Api.get(other.path() + "/active_sessions/" + ada.nonce()).status())
                .as("a nonce below somebody else")
                .isEqualTo(404);
        assertThat(Api.get(ada.path() + "/active_sessions/nosuch").status()).isEqualTo(404);
    }

    @Test
    void theIdentityLastSeenIsTheNewestLogin() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of("otp"));
        UserId user = UserId.of(ada.id());
        login(user, new Email(ada.email()), Api.oneTimePin(), "DE", "192.0.2.8", List.of("otp"), now.minusSeconds(600));
        assertThat(Api.get(ada.path() + "/last_seen_identity")
                        .result()
                        .path("geo")
                        .path("country")
                        .asString())
                .isEqualTo("PT");
        login(user, new Email(ada.email()), Api.oneTimePin(), "FR", "192.0.2.9", List.of("otp"), now.plusSeconds(1));
        assertThat(Api.get(ada.path() + "/last_seen_identity")
                        .result()
                        .path("geo")
                        .path("country")
                        .asString())
                .isEqualTo("FR");
        assertThat(Api.get(ada.path() + "/active_sessions").result().size()).isEqualTo(3);

        String stranger = Api.create("/access/users", "{\"email\": \"" + Api.unique("new") + "@example.com\"}")
                .id();
        assertThat(Api.get("/access/users/" + stranger + "/last_seen_identity").status())
                .isEqualTo(404);
        assertThat(Api.get("/access/users/" + stranger + "/active_sessions")
                        .result()
                        .size())
                .isZero();
    }

    @Test
    void failedLoginsAreThePersonsOwn() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of("otp"));
        Api.Answer app = application("\"" + Api.policy() + "\"");
        record(ada, app, false, "r1-" + ada.id(), "PT");
        record(ada, app, true, "r2-" + ada.id(), "PT");
        record(signedIn("bob", "PT", "192.0.2.7", List.of()), app, false, "r3-" + ada.id(), "PT");
        await("events")
                .until(() -> Api.get("/access/logs/access_requests?app_uid=" + app.id())
                                .result()
                                .size()
                        == 3);

        JsonNode failed = Api.get(ada.path() + "/failed_logins").result();
        assertThat(failed.size()).isEqualTo(1);
        JsonNode metadata = failed.path(0).path("metadata");
        assertThat(metadata.path("ray_id").asString()).isEqualTo("r1-" + ada.id());
        assertThat(metadata.path("app_name")).isEqualTo(app.result().path("name"));
        assertThat(metadata.path("aud")).isEqualTo(app.result().path("aud"));
        assertThat(metadata.path("user_email").asString()).isEqualTo(ada.email());
        assertThat(metadata.path("datetime").asString()).isEqualTo(now.toString());
        assertThat(failed.path(0).path("expiration").asLong()).isGreaterThan(now.getEpochSecond());
    }

    private void record(Person person, Api.Answer app, boolean allowed, String ray, String country) {
        Api.server()
                .context()
                .getBean(AuditLog.class)
                .offer(new AuditEvent.Authentication(
                        now,
                        ray,
                        "login",
                        allowed,
                        allowed ? "allowed_by_policy" : "denied_by_policy",
                        new AppId(UUID.fromString(app.id())),
                        app.result().path("domain").asString(),
                        new IdpRef(new IdpId(UUID.randomUUID()), "onetimepin"),
                        UserId.of(person.id()),
                        person.email(),
                        "192.0.2.7",
                        country,
                        null));
    }

    @Test
    void logsAreFiltered() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of());
        Person bob = signedIn("bob", "PT", "192.0.2.7", List.of());
        Api.Answer app = application("\"" + Api.policy() + "\"");
        record(ada, app, true, "a1", "PT");
        record(ada, app, false, "a2", "PT");
        record(bob, app, true, "b1", "DE");
        String all = "/access/logs/access_requests?app_uid=" + app.id();
        await("events").until(() -> Api.get(all).result().size() == 3);

        assertThat(rays(all)).containsExactly("b1", "a2", "a1");
        assertThat(rays(all + "&direction=asc")).containsExactly("a1", "a2", "b1");
        assertThat(rays(all + "&direction=asc&per_page=2")).containsExactly("a1", "a2");
        assertThat(rays(all + "&direction=asc&per_page=2&page=2")).containsExactly("b1");
        assertThat(rays(all + "&per_page=2&page=3")).isEmpty();
        assertThat(rays(all + "&direction=asc&limit=1")).containsExactly("a1");
        assertThat(rays(all + "&allowed=false")).containsExactly("a2");
        assertThat(rays(all + "&allowed=false&allowedOp=neq")).containsExactly("b1", "a1");
        assertThat(rays(all + "&country_code=DE")).containsExactly("b1");
        assertThat(rays(all + "&country_code=DE&country_codeOp=neq")).containsExactly("a2", "a1");
        assertThat(rays(all + "&ray_id=a2")).containsExactly("a2");
        assertThat(rays(all + "&app_type=self_hosted")).hasSize(3);
        assertThat(rays(all + "&app_type=self_hosted&app_typeOp=neq")).isEmpty();
        assertThat(rays(all + "&non_identity=true")).isEmpty();
        assertThat(rays(all + "&user_id=" + bob.id())).containsExactly("b1");
        String part = ada.email().substring(1, ada.email().indexOf('@') + 1);
        assertThat(rays(all + "&email=" + part.toUpperCase(Locale.ROOT))).containsExactly("a2", "a1");
        assertThat(rays(all + "&email_exact=true&email=" + ada.email().toUpperCase(Locale.ROOT)))
                .containsExactly("a2", "a1");
        assertThat(rays(all + "&email_exact=true&email=" + ada.email().substring(1)))
                .isEmpty();
        assertThat(rays(all + "&emailOp=neq&email=" + ada.email())).containsExactly("b1");
        assertThat(rays(all + "&since=" + now.plusSeconds(1))).isEmpty();
        assertThat(rays(all + "&since=" + now + "&until=" + now))
                .as("both ends included")
                .hasSize(3);
        assertThat(rays(all + "&until=" + now.minusSeconds(1))).isEmpty();
        assertThat(Api.get("/access/logs/access-requests?app_uid=" + app.id())
                        .result()
                        .size())
                .as("the hyphen of older clients")
                .isEqualTo(3);

        JsonNode entry = Api.get(all + "&ray_id=b1").result().path(0);
        assertThat(entry.path("action").asString()).isEqualTo("login");
        assertThat(entry.path("app_domain")).isEqualTo(app.result().path("domain"));
        assertThat(entry.path("app_type").asString()).isEqualTo("self_hosted");
        assertThat(entry.path("connection").asString()).isEqualTo("onetimepin");
        assertThat(entry.path("ip_address").asString()).isEqualTo("192.0.2.7");
        assertThat(entry.path("user_email").asString()).isEqualTo(bob.email());
        assertThat(entry.path("created_at").asString()).isEqualTo(now.toString());
        assertThat(Api.get(all + "&ray_id=b1&fields=ray_id,allowed").result().path(0))
                .isEqualTo(Api.json("{\"allowed\": true, \"ray_id\": \"b1\"}"));

        for (int i = 0; i < 24; i++) {
            record(ada, app, true, "c" + i, "PT");
        }
        await("more than a page")
                .until(() -> Api.get(all + "&per_page=100").result().size() == 27);
        assertThat(rays(all)).hasSize(25);
        assertThat(rays(all + "&limit=26"))
                .as("limit alone is more than a page's default")
                .hasSize(26);
        assertThat(rays(all + "&limit=26&per_page=5")).hasSize(5);
        assertThat(rays(all + "&limit=5&per_page=26")).hasSize(5);

        for (String bad :
                List.of("user_id=x", "ray_id=x&ray_idOp=contains", "allowed=maybe", "direction=up", "limit=0")) {
            assertThat(Api.get("/access/logs/access_requests?" + bad).status())
                    .as(bad)
                    .isEqualTo(400);
        }
    }

    private static List<String> rays(String path) {
        Api.Answer answer = Api.get(path);
        assertThat(answer.status()).as(answer.envelope().toString()).isEqualTo(200);
        return answer.result().values().stream()
                .map(entry -> entry.path("ray_id").asString())
                .toList();
    }

    @Test
    void revokingAUserEndsTheirSessions() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of());
        Person bob = signedIn("bob", "PT", "192.0.2.7", List.of());
        assertThat(Api.call(
                                "POST",
                                "/access/organizations/revoke_user?devices=true",
                                "{\"email\": \"" + ada.email().toUpperCase(Locale.ROOT) + "\"}")
                        .result()
                        .asBoolean())
                .isTrue();
        assertThat(Api.get(ada.path() + "/active_sessions").result().size()).isZero();
        assertThat(Api.get(ada.path() + "/active_sessions/" + ada.nonce()).status())
                .isEqualTo(404);
        assertThat(ledger.find(ada.nonce(), Instant.now())).isEmpty();
        assertThat(Api.get(bob.path() + "/active_sessions").result().size()).isEqualTo(1);
        assertThat(announced("user", ada.id())).isEqualTo(1);

        Api.Answer nobody =
                Api.must("POST", "/access/organizations/revoke_user", "{\"email\": \"nobody@example.org\"}");
        assertThat(nobody.result().isBoolean()).isTrue();
        assertThat(nobody.result().asBoolean()).isFalse();
        assertThat(Api.call("POST", "/access/organizations/revoke_user", "{}")
                        .error()
                        .path("source")
                        .path("pointer")
                        .asString())
                .isEqualTo("/email");
        assertThat(Api.must("POST", "/access/organizations/revoke_user", "{\"user_uid\": \"" + bob.id() + "\"}")
                        .result()
                        .asBoolean())
                .isTrue();
        assertThat(Api.get(bob.path() + "/active_sessions").result().size()).isZero();
    }

    @Test
    void revokingAnApplicationsTokensIsAnnounced() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of());
        Api.Answer app = application("\"" + Api.policy() + "\"");
        ledger.touch(ada.nonce(), new AppId(UUID.fromString(app.id())), now.plusSeconds(60));
        Api.Answer revoked = Api.must("POST", "/access/apps/" + app.id() + "/revoke_tokens", null);
        assertThat(revoked.result().isObject()).isTrue();
        assertThat(announced("app", app.id())).isEqualTo(1);
        assertThat(Api.get(ada.path() + "/active_sessions")
                        .result()
                        .path(0)
                        .path("metadata")
                        .path("apps")
                        .isEmpty())
                .isTrue();
        assertThat(Api.get("/sallyport/audit?resource_id=" + app.id())
                        .result()
                        .path(0)
                        .path("action")
                        .asString())
                .isEqualTo("revoke_tokens");
        assertThat(Api.call("POST", "/access/apps/" + UUID.randomUUID() + "/revoke_tokens", null)
                        .status())
                .isEqualTo(404);
    }

    private static int announced(String kind, String subject) {
        return Api.jdbc()
                .sql("select count(*) from revocations where kind = ? and subject = ?")
                .params(kind, subject)
                .query(Integer.class)
                .single();
    }

    @Test
    void policyChecksDecideForThePersonAsked() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of("otp"));
        Person bob = signedIn("bob", "PT", "192.0.2.7", List.of("otp"));
        Api.Answer app = application("""
                {"name": "only ada", "decision": "allow", "include": [{"email": {"email": "%s"}}]}""".formatted(ada.email()));
        String path = "/access/apps/" + app.id() + "/user_policy_checks";
        await("the application to be known")
                .until(() -> status(path + "?email=" + ada.email()).equals("Success"));

        JsonNode answer = Api.get(path + "?email=" + ada.email()).result();
        assertThat(answer.path("app_state").path("app_uid").asString()).isEqualTo(app.id());
        assertThat(answer.path("app_state").path("policies").size()).isEqualTo(1);
        assertThat(answer.path("user_identity").path("email").asString()).isEqualTo(ada.email());
        assertThat(status(path + "?user_id=" + ada.id())).isEqualTo("Success");
        assertThat(status(path + "?email=" + bob.email())).isEqualTo("Failure");
        assertThat(status(path)).as("a visitor nobody knows").isEqualTo("Failure");
        assertThat(Api.get(path).result().path("user_identity").isNull()).isTrue();
        assertThat(Api.get(path + "?email=nobody@example.org").status()).isEqualTo(404);
        assertThat(Api.get(path + "?email=nonsense").status()).isEqualTo(404);
    }

    @Test
    void policyChecksUseTheFactsOfTheNewestLogin() {
        Person ada = signedIn("ada", "PT", "192.0.2.7", List.of("otp"));
        Person abroad = signedIn("eve", "FR", "198.51.100.1", List.of("pwd"));
        String never = Api.create("/access/users", "{\"email\": \"" + Api.unique("new") + "@example.com\"}")
                .result()
                .path("email")
                .asString();
        for (String rule : List.of(
                "{\"geo\": {\"country_code\": \"PT\"}}",
                "{\"ip\": {\"ip\": \"192.0.2.0/24\"}}",
                "{\"auth_method\": {\"auth_method\": \"otp\"}}")) {
            Api.Answer app = application("""
                    {"name": "facts", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}], "require": [%s]}""".formatted(rule));
            String path = "/access/apps/" + app.id() + "/user_policy_checks";
            await(rule).until(() -> status(path + "?email=" + ada.email()).equals("Success"));
            assertThat(status(path + "?email=" + abroad.email())).as(rule).isEqualTo("Failure");
            assertThat(status(path + "?email=" + never)).as(rule).isEqualTo("Failure");
        }
    }

    private static String status(String path) {
        return Api.get(path).result().path("app_state").path("status").asString();
    }
}
