package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.SamlIdp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** A provider's metadata is read again by itself: what it may change, and what it may not. */
class MetadataRenewalIT {
    private static final String SSO = "https://idp.example.com/sso";
    private static final SamlIdp OLD = SamlIdp.rsa();
    private static final SamlIdp NEW = SamlIdp.rsa();

    /** What the address answers with. */
    private interface Behaviour {
        void answer(HttpExchange exchange) throws IOException;
    }

    private final AtomicInteger fetches = new AtomicInteger();
    private volatile Behaviour behaviour = document(OLD.metadata(SSO));
    private HttpServer server;
    private String id;

    @BeforeEach
    void make() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            fetches.incrementAndGet();
            try (exchange) {
                behaviour.answer(exchange);
            }
        });
        server.start();
        id = provider();
    }

    private String provider() {
        return Api.create(
                        "/access/identity_providers",
                        "{\"name\":\"%s\",\"type\":\"saml\",\"config\":{\"metadata_url\":\"%s\"}}"
                                .formatted(Api.unique("Rotating"), address()))
                .id();
    }

    @AfterEach
    void tidy() {
        Api.must("DELETE", "/access/identity_providers/" + id, null);
        server.stop(0);
    }

    private String address() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/metadata";
    }

    private static Behaviour document(String text) {
        return exchange -> {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        };
    }

    private JsonNode entry() {
        return Api.must("GET", "/access/identity_providers/" + id, null).result();
    }

    private JsonNode readNow() {
        return Api.must("POST", "/sallyport/doctor/identity_providers/" + id + "/metadata", null)
                .result();
    }

    private static void makeDue(String id) {
        Api.jdbc()
                .sql("update saml_metadata_readings set due_at = now() where idp_id = ?")
                .param(UUID.fromString(id))
                .update();
    }

    private JsonNode lastChange() {
        return Api.must("GET", "/sallyport/audit?resource_id=" + id, null)
                .result()
                .path(0);
    }

    private static long version() {
        return Api.jdbc()
                .sql("select version from config_version")
                .query(Long.class)
                .single();
    }

    @Test
    void whatIsDueIsReadByItselfAndTheChangeIsAWriteLikeAnyOther() {
        long before = version();
        behaviour = document(NEW.metadata("https://idp.example.com/moved"));
        makeDue(id);

        await("the new certificate")
                .atMost(Duration.ofSeconds(30))
                .until(() -> entry().at("/config/idp_public_certs/0").asString().equals(NEW.base64()));

        assertThat(entry().at("/config/idp_public_certs")).hasSize(1);
        assertThat(entry().at("/config/sso_target_url").asString()).isEqualTo("https://idp.example.com/moved");
        assertThat(version()).isGreaterThan(before);
        JsonNode change = lastChange();
        assertThat(change.path("actor").asString()).isEqualTo("the provider's metadata");
        assertThat(change.path("action").asString()).isEqualTo("replace");
        assertThat(change.at("/before/config/idp_public_certs/0").asString()).isEqualTo(OLD.base64());
        assertThat(change.at("/after/config/idp_public_certs/0").asString()).isEqualTo(NEW.base64());
        await("the note of it")
                .atMost(Duration.ofSeconds(10))
                .until(() -> shown(id).path("changed_at").isString());
        assertThat(fetches).hasValue(2);
    }

    private static JsonNode shown(String id) {
        return Api.must("GET", "/sallyport/doctor/identity_providers/" + id + "/metadata", null)
                .result();
    }

    @Test
    void whatSaysTheSameChangesNothing() {
        JsonNode before = entry();
        JsonNode reading = readNow();
        assertThat(reading.path("problem").isNull()).as(reading.toString()).isTrue();
        assertThat(reading.path("changed_at").isNull()).isTrue();
        assertThat(reading.path("next_at").asString()).isNotEmpty();
        assertThat(entry()).isEqualTo(before);
        assertThat(lastChange().path("action").asString()).isEqualTo("create");
    }

    @Test
    void oi08Sa03WhateverElseIsAnsweredTheOldCertificateGoesOnToCount() {
        refused("answered 500", exchange -> exchange.sendResponseHeaders(500, -1));
        refused("answered 302", exchange -> {
            exchange.getResponseHeaders().set("Location", "http://127.0.0.1:1/metadata");
            exchange.sendResponseHeaders(302, -1);
        });
        refused("must be XML", document("<html>We are down for maintenance"));
        refused("must be XML without a DOCTYPE", document("<!DOCTYPE x [<!ENTITY a 'b'>]>" + NEW.metadata(SSO)));
        refused("exactly one identity provider", document("<html/>"));
        refused("larger than 256 KiB", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] junk = new byte[64 * 1024];
            Arrays.fill(junk, (byte) ' ');
            for (int i = 0; i < 160; i++) {
                exchange.getResponseBody().write(junk);
            }
        });
        refused(
                "it is that of https://evil.example, and this entry is for " + SamlIdp.ISSUER,
                document(NEW.metadata(SSO).replace(SamlIdp.ISSUER, "https://evil.example")));
        refused("signing certificates", document(NEW.metadata(SSO).replace("KeyDescriptor>", "KeyDescriptoR>")));
        refused("2048 bits", document(SamlIdp.with("RSA", 1024).metadata(SSO)));
        refused("sso_target_url", document(NEW.metadata("javascript:alert(1)")));
        refused(
                "valid until 2020-01-01",
                document(NEW.metadata(SSO)
                        .replace(
                                "<md:EntityDescriptor ", "<md:EntityDescriptor validUntil=\"2020-01-01T00:00:00Z\" ")));
        JsonNode examined = await("the provider to be known")
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> Api.call("POST", "/sallyport/doctor/identity_providers/" + id, null),
                        found -> found.status() == 200)
                .result();
        assertThat(examined.path("findings").valueStream())
                .as(examined.toString())
                .anyMatch(each -> each.path("check").asString("").equals("metadata")
                        && each.path("verdict").asString("").equals("warning"));
        behaviour = document(NEW.metadata(SSO));
        assertThat(readNow().path("problem").isNull()).as("and it recovers").isTrue();
        assertThat(entry().at("/config/idp_public_certs/0").asString()).isEqualTo(NEW.base64());
    }

    private void refused(String problem, Behaviour answer) {
        JsonNode before = entry();
        behaviour = answer;
        JsonNode reading = readNow();
        assertThat(reading.path("problem").asString("")).contains(problem).doesNotContain("access.api.error");
        assertThat(reading.path("read_at").isString()).isTrue();
        assertThat(entry()).isEqualTo(before);
        assertThat(lastChange().path("action").asString()).isEqualTo("create");
    }

    /** Who asked for it, and what is due by itself, both wait for the other writer for as long as any writer does. */
    @Test
    void thatSomebodyElseIsWritingIsNoProblemOfTheProviderAndItIsReadAgainSoon() throws Exception {
        behaviour = document(NEW.metadata(SSO));
        String another = provider();
        try (Connection other = Api.server().database().dataSource().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("select version from config_version for update");
            CompletableFuture<Api.Answer> asking = CompletableFuture.supplyAsync(
                    () -> Api.call("POST", "/sallyport/doctor/identity_providers/" + id + "/metadata", null),
                    Thread::startVirtualThread);
            makeDue(another);
            Api.server().context().getBean(MetadataRenewal.class).readDue();
            assertThat(shown(another).path("problem").isNull()).isTrue();

            Api.Answer asked = asking.get(1, TimeUnit.MINUTES);
            assertThat(asked.status()).as(asked.envelope().toString()).isEqualTo(503);
            JsonNode after = shown(id);
            assertThat(after.path("problem").isNull()).as(after.toString()).isTrue();
            assertThat(Instant.parse(after.path("next_at").asString()))
                    .isBefore(InstantSource.system().instant().plus(Duration.ofMinutes(2)));
            other.rollback();
        } finally {
            Api.must("DELETE", "/access/identity_providers/" + another, null);
        }
        makeDue(id);
        await("the new certificate")
                .atMost(Duration.ofSeconds(30))
                .until(() -> entry().at("/config/idp_public_certs/0").asString().equals(NEW.base64()));
    }

    @Test
    void aCertificateOfTheOlderSpellingCountsNoLongerOnceMetadataNamesOthers() {
        String body =
                "{\"name\":\"Both\",\"type\":\"saml\",\"config\":{\"metadata_url\":\"%s\",\"idp_public_cert\":\"%s\"}}"
                        .formatted(address(), NEW.base64());
        JsonNode saved =
                Api.must("PUT", "/access/identity_providers/" + id, body).result();
        assertThat(saved.at("/config/idp_public_cert").isMissingNode()).isTrue();
        assertThat(saved.at("/config/idp_public_certs/0").asString()).isEqualTo(OLD.base64());
    }

    @Test
    void whoHasNoAddressHasNoReadings() {
        String without = Api.create(
                        "/access/identity_providers", """
                        {"name": "%s", "type": "saml", "config": {"issuer_url": "i", "sso_target_url": "%s",
                         "idp_public_certs": ["%s"]}}""".formatted(Api.unique("By hand"), SSO, OLD.base64()))
                .id();
        for (String method : new String[] {"GET", "POST"}) {
            Api.Answer answer = Api.call(method, "/sallyport/doctor/identity_providers/" + without + "/metadata", null);
            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.envelope().toString()).contains("has no metadata_url");
        }
        Api.must("DELETE", "/access/identity_providers/" + without, null);
    }
}
