package io.sallyport.gateway;

import io.sallyport.gateway.wire.ConnectionLimits;
import io.sallyport.gateway.wire.EdgeLimits;
import io.sallyport.gateway.wire.EdgeServer;
import io.sallyport.gateway.wire.Visitors;
import io.sallyport.http.CidrTable;
import java.util.List;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Applies the time limits of the public listeners to the port of probes and metrics, and limits its connections
 * separately, so that neither can exhaust the other. Spring Boot creates that port in a child context, which finds this
 * class through its imports file. The class has no {@code @Configuration}, or component scanning would apply it to the
 * public listener too.
 */
class ManagementPort {
    /** Connections; enough for probes and scrapers. */
    static final int MOST = 256;

    /** Last, because Spring Boot's own customizer would otherwise put its smaller limits over ours. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> managementServerCustomizer(EdgeSettings settings) {
        EdgeLimits limits = settings.limits().withConnections(MOST);
        EdgeServer server =
                new EdgeServer(limits, new ConnectionLimits(limits, CidrTable.of(List.of())), new Visitors());
        return factory -> factory.addServerCustomizers(server::strict);
    }
}
