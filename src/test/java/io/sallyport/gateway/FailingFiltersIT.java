package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.testkit.RawHttp;
import io.sallyport.testkit.RecordingOrigin;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.OrderUtils;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** FC-04: whichever filter of the edge fails, and however it fails, the answer is 500 and the origin hears nothing. */
class FailingFiltersIT {
    private enum Fault {
        NONE,
        THROWN,
        SIGNALLED
    }

    private static final Set<String> FILTERS = new ConcurrentSkipListSet<>();
    private static volatile String broken = "";
    private static volatile Fault fault = Fault.NONE;

    private static Edge edge;
    private static RecordingOrigin origin;
    private static String request;

    @BeforeAll
    static void start() {
        origin = RecordingOrigin.start();
        edge = Edge.start(new Class<?>[] {Breakable.class})
                .origin("staff.localhost", origin)
                .application("staff.localhost", Edge.staff())
                .publish();
        request = "GET /x HTTP/1.1\r\nHost: staff.localhost\r\nCookie: CF_Authorization="
                + edge.signIn("staff.localhost", "alice@example.com") + "\r\n\r\n";
    }

    @AfterAll
    static void stop() {
        edge.close();
        origin.close();
    }

    @TestFactory
    Stream<DynamicTest> fc04_anExceptionInAnyFilterMeansNo() {
        assertThat(RawHttp.exchange(edge.port(), request).status()).isEqualTo(200);
        origin.drain();
        assertThat(FILTERS)
                .contains(
                        "AccessLogFilter",
                        "RequestTargetFilter",
                        "AccessFilter",
                        "AssertionFilter",
                        "UpstreamFilter",
                        "OriginAnswerFilter",
                        "OriginRouting");
        List<DynamicTest> tests = new ArrayList<>();
        for (String filter : FILTERS) {
            for (Fault each : List.of(Fault.THROWN, Fault.SIGNALLED)) {
                tests.add(DynamicTest.dynamicTest(filter + " " + each, () -> fail(filter, each)));
            }
        }
        return tests.stream();
    }

    private static void fail(String filter, Fault how) {
        broken = filter;
        fault = how;
        try {
            RawHttp.Response answer = RawHttp.exchange(edge.port(), request);
            assertThat(answer.status()).isEqualTo(500);
            assertThat(origin.drain()).isEmpty();
            assertThat(answer.text()).doesNotContain("planted").doesNotContain("Exception");
        } finally {
            fault = Fault.NONE;
        }
    }

    private static Mono<Void> maybe(String filter, Mono<Void> otherwise) {
        if (!filter.equals(broken)) {
            return otherwise;
        }
        return switch (fault) {
            case NONE -> otherwise;
            case THROWN -> throw new IllegalStateException("planted");
            case SIGNALLED -> Mono.error(new IllegalStateException("planted"));
        };
    }

    /** Puts a fault switch around every filter there is. */
    @Configuration(proxyBeanMethods = false)
    static class Breakable {
        @Bean
        static BeanPostProcessor breakable() {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessAfterInitialization(Object bean, String name) {
                    return switch (bean) {
                        case EdgeChain chain ->
                            new EdgeChain(
                                    chain.parts().stream().map(Breakable::wrap).toList());
                        case WebFilter filter when isOurs(filter) -> new Outer(filter);
                        default -> bean;
                    };
                }
            };
        }

        /** Requests to applications meet no filter of the framework behind our first one. */
        private static boolean isOurs(WebFilter filter) {
            return filter.getClass().getName().startsWith("io.sallyport");
        }

        private static GlobalFilter wrap(GlobalFilter filter) {
            FILTERS.add(filter.getClass().getSimpleName());
            return new Inner(filter);
        }
    }

    private record Inner(GlobalFilter filter) implements GlobalFilter, Ordered {
        @Override
        public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
            return maybe(filter.getClass().getSimpleName(), Mono.defer(() -> filter.filter(exchange, chain)));
        }

        @Override
        public int getOrder() {
            return ((Ordered) filter).getOrder();
        }
    }

    private static final class Outer implements WebFilter, Ordered {
        private final WebFilter filter;

        Outer(WebFilter filter) {
            this.filter = filter;
            FILTERS.add(filter.getClass().getSimpleName());
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
            return maybe(filter.getClass().getSimpleName(), Mono.defer(() -> filter.filter(exchange, chain)));
        }

        @Override
        public int getOrder() {
            return filter instanceof Ordered ordered ? ordered.getOrder() : OrderUtils.getOrder(filter.getClass(), 0);
        }
    }
}
