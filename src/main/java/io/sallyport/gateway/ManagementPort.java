package io.sallyport.gateway;

import io.sallyport.gateway.wire.ConnectionLimits;
import io.sallyport.gateway.wire.EdgeLimits;
import io.sallyport.gateway.wire.EdgeServer;
import io.sallyport.http.CidrTable;
import java.util.List;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * The port of probes and metrics is as strict about time as the public ones, and counts its connections apart from theirs: whoever fills
 * one has not filled the other. Spring Boot builds it in a context of its own, which finds this class by its imports file; it is no
 * configuration class to the scan, or the public listener would have it, too.
 */
class ManagementPort {
    /** Some probes and scrapers. */
    static final int MOST = 256;

    /** Last, because Spring Boot's own customizer would otherwise put its smaller limits over ours. */
    @Bean
    @Order(Ordered.LOWEST_PRECEDENCE)
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> managementServerCustomizer(EdgeSettings settings) {
        EdgeLimits limits = settings.limits().withConnections(MOST);
        EdgeServer server = new EdgeServer(limits, new ConnectionLimits(limits, CidrTable.of(List.of())));
        return factory -> factory.addServerCustomizers(server::strict);
    }
}
