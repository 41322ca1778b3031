package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static io.sallyport.login.LoginServer.WIKI;
import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.Visitor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/**
 * Everything else that Sallyport hands out, shown to the admin API: what signs a person in, lets a program through the gate or runs a
 * tunnel administers nothing, whichever operation of the running server is tried, and in whichever way it is shown.
 */
class OtherCredentialsIT {
    private static final LoginServer WORLD = LoginServer.shared();
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** Headers by what they are. */
    private static final Map<String, List<String>> SHOWN = new LinkedHashMap<>();

    @BeforeAll
    static void collect() {
        WORLD.idp.behave();
        Visitor ada = new Visitor();
        Visitor.Answer page = ada.open(WORLD.url(WIKI, "/"));
        ada.follow(ada.get(WORLD.url(TEAM, page.link("Continue with Fake"))));
        String launcher = ada.cookie(TEAM, "CF_Authorization");
        String application = ada.cookie(WIKI, "CF_Authorization");
        JsonNode service = WORLD.admin.post("/access/service_tokens", "{\"name\":\"no admin\"}");
        String tunnel = WORLD.admin
                .post("/cfd_tunnel", "{\"name\":\"no admin\",\"config_src\":\"cloudflare\"}")
                .get("id")
                .asString();
        JsonNode directory = WORLD.admin.post("/access/identity_providers", """
                {"name":"No admin","type":"oidc","scim_config":{"enabled":true,"user_deprovision":true},"config":{"client_id":"a",
                 "client_secret":"b","auth_url":"https://idp.example/a","token_url":"https://idp.example/t","certs_url":"https://idp.example/c"}}""");
        assertThat(launcher).as("the session of the launcher").isNotEmpty();
        assertThat(application).as("the session of an application").isNotEmpty();
        SHOWN.put("a launcher's session as cookie", List.of("Cookie", "CF_Authorization=" + launcher));
        SHOWN.put("an application's session as cookie", List.of("Cookie", "CF_Authorization=" + application));
        SHOWN.put("an assertion", List.of("Cf-Access-Jwt-Assertion", application, "cf-access-token", application));
        bearer("a launcher's session", launcher);
        bearer("an application's session", application);
        SHOWN.put(
                "a service token",
                List.of(
                        "CF-Access-Client-Id",
                        service.get("client_id").asString(),
                        "CF-Access-Client-Secret",
                        service.get("client_secret").asString()));
        bearer("a service token's secret", service.get("client_secret").asString());
        bearer(
                "a tunnel's token",
                WORLD.admin.get("/cfd_tunnel/" + tunnel + "/token").asString());
        bearer(
                "a management token",
                WORLD.admin
                        .post("/cfd_tunnel/" + tunnel + "/management", "{\"resources\":[\"logs\"]}")
                        .asString());
        bearer("a directory's secret", directory.at("/scim_config/secret").asString());
    }

    private static void bearer(String what, String secret) {
        assertThat(secret).as(what).isNotEmpty();
        SHOWN.put(what + " as bearer", List.of("Authorization", "Bearer " + secret));
        SHOWN.put(what + " as key", List.of("X-Auth-Key", secret, "X-Auth-Email", "ada@example.com"));
    }

    /** Every operation of the running server: a method, and a path with ids of nothing. */
    private static Set<String> operations() {
        Set<String> all = new TreeSet<>();
        WORLD.server
                .context()
                .getBean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class)
                .getHandlerMethods()
                .keySet()
                .forEach(mapping -> mapping.getPatternsCondition().getPatterns().stream()
                        .map(pattern -> pattern.getPatternString())
                        .filter(pattern -> pattern.startsWith("/client/v4"))
                        .forEach(pattern -> mapping.getMethodsCondition()
                                .getMethods()
                                .forEach(method -> all.add(method.name() + " "
                                        + pattern.replace("{account}", WORLD.admin.account())
                                                .replace("{zone}", WORLD.admin.account())
                                                .replaceAll("\\{[^}]+}", "00000000-0000-4000-8000-000000000000")))));
        return all;
    }

    @Test
    @DisplayName(
            "AD-02, AD-03, JW-04: no session, service token, tunnel or directory secret opens any operation of the admin API")
    void nothingElseAdministers() throws IOException, InterruptedException {
        Set<String> operations = operations();
        assertThat(operations).hasSizeGreaterThan(120);
        List<String> wrong = new ArrayList<>();
        for (String operation : operations) {
            for (Map.Entry<String, List<String>> shown : SHOWN.entrySet()) {
                HttpResponse<String> answer = send(operation, shown.getValue());
                if (answer.statusCode() != 401 || !answer.body().contains("10000")) {
                    wrong.add("%s with %s: %d".formatted(operation, shown.getKey(), answer.statusCode()));
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static HttpResponse<String> send(String operation, List<String> headers)
            throws IOException, InterruptedException {
        String[] parts = operation.split(" ", 2);
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + WORLD.server.port() + parts[1]))
                .timeout(Duration.ofSeconds(20))
                .header("Content-Type", "application/json")
                .headers(headers.toArray(String[]::new))
                .method(
                        parts[0],
                        parts[0].equals("GET")
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
    }
}
