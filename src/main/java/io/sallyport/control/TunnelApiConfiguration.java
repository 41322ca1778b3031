package io.sallyport.control;

import io.sallyport.tunnel.TunnelLedger;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The part of the admin API about tunnels and the names that lead to them. */
@Configuration(proxyBeanMethods = false)
class TunnelApiConfiguration {
    @Bean
    TunnelLedger tunnelLedger(JdbcClient jdbc, TransactionOperations transactions, InstantSource clock) {
        return new JdbcTunnelLedger(jdbc, transactions, clock);
    }
}
