package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sallyport.catalog.AccountRepository;
import io.sallyport.catalog.AdminTokenRepository;
import io.sallyport.http.RequestContext;
import io.sallyport.http.RequestTarget;
import io.sallyport.session.WrongCredentials;
import io.sallyport.testkit.TestServer;
import io.sallyport.web.Vigil;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.test.web.reactive.server.WebTestClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.config.EnableWebFlux;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import org.springframework.web.server.WebFilter;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/**
 * The door, the arguments and the errors of the admin API over handlers that die, and over bodies that got lost: whatever happens
 * behind the door, the client has an answer.
 */
class EveryCallIsAnsweredTest {
    private static final AnnotationConfigApplicationContext CONTEXT =
            new AnnotationConfigApplicationContext(World.class);
    private static final WebTestClient CLIENT = WebTestClient.bindToApplicationContext(CONTEXT)
            .configureClient()
            .responseTimeout(Duration.ofSeconds(5))
            .defaultHeader(HttpHeaders.AUTHORIZATION, "Bearer " + TestServer.ADMIN_TOKEN)
            .build();

    @AfterAll
    static void close() {
        CONTEXT.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"StackOverflowError", "NoSuchMethodError", "OutOfMemoryError", "IllegalStateException"})
    @DisplayName("a handler that dies, even of what Reactor would tell nobody, is a 500 whose id is in the log")
    void aHandlerThatDiesIsA500(String death) {
        CLIENT.get()
                .uri("/client/v4/mortal/" + death)
                .exchange()
                .expectStatus()
                .isEqualTo(500)
                .expectBody(String.class)
                .value(body -> assertThat(body)
                        .contains("10500")
                        .contains("Internal error ")
                        .doesNotContain(death));
    }

    @Test
    @DisplayName("the door itself may die, too")
    void aDoorThatDiesIsA500() {
        CLIENT.mutate()
                .defaultHeaders(headers -> headers.setBearerAuth("another-token-another-token"))
                .build()
                .get()
                .uri("/client/v4/mortal/not")
                .exchange()
                .expectStatus()
                .isEqualTo(500);
    }

    @Test
    @DisplayName(
            "no body is {}, but one that was announced and did not come is refused, for {} may take something away")
    void aLostBodyIsNoEmptyBody() {
        CLIENT.put()
                .uri("/client/v4/mortal")
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody(String.class)
                .value(body -> assertThat(body).contains("\"result\":{}"));
        CLIENT.method(HttpMethod.PUT)
                .uri("/client/v4/mortal")
                .header(HttpHeaders.CONTENT_LENGTH, "212")
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectBody(String.class)
                .value(body -> assertThat(body)
                        .contains("10411")
                        .contains("Content-Length says 212 bytes, 0 came; nothing was changed"));
    }

    @Configuration(proxyBeanMethods = false)
    @EnableWebFlux
    static class World {
        @Bean
        WebFluxConfigurer adminApi() {
            return new ControlConfiguration().adminApi();
        }

        @Bean
        ApiErrors apiErrors() {
            return new ApiErrors();
        }

        @Bean
        Mortal mortal() {
            return new Mortal();
        }

        @Bean
        @Order(1)
        WebFilter edge() {
            RequestTarget target =
                    RequestTarget.parse("console.localhost", "/") instanceof RequestTarget.Parsed.Accepted it
                            ? it.target()
                            : null;
            return (exchange, chain) -> {
                exchange.getAttributes()
                        .put(
                                RequestContext.ATTRIBUTE,
                                new RequestContext(
                                        target,
                                        RequestContext.Face.CONSOLE,
                                        InetAddress.getLoopbackAddress(),
                                        true,
                                        "https",
                                        "0123456789abcdef"));
                return chain.filter(exchange);
            };
        }

        @Bean
        @Order(2)
        WebFilter door() {
            AdminTokenRepository stored = mock(AdminTokenRepository.class);
            when(stored.findByTokenHash(any())).thenThrow(new NoClassDefFoundError("of half a jar"));
            AdminTokens tokens = new AdminTokens(
                    BootstrapToken.of(TestServer.ADMIN_TOKEN, Path.of(".")), stored, InstantSource.system());
            return new AdminDoor(
                    tokens,
                    new WrongCredentials(30, new SimpleMeterRegistry()),
                    new AccountScope(mock(AccountRepository.class), mock(JdbcClient.class)),
                    new Vigil(() -> true, Schedulers.immediate()),
                    Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor()));
        }
    }

    /** Dies as asked. */
    @RestController
    @RequestMapping("/client/v4/mortal")
    @Concerns(ResourceKind.APPLICATIONS)
    static final class Mortal {
        @GetMapping("/{death}")
        ResponseEntity<JsonNode> die(AdminCall call, @PathVariable String death) {
            switch (death) {
                case "StackOverflowError" -> throw new StackOverflowError();
                case "NoSuchMethodError" -> throw new NoSuchMethodError("of half a class");
                case "OutOfMemoryError" -> throw new OutOfMemoryError("of one large answer");
                default -> throw new IllegalStateException("of " + call.source());
            }
        }

        @PutMapping
        ResponseEntity<JsonNode> echo(AdminCall call, Fields body) {
            return ApiEnvelope.of(body.json());
        }
    }
}
