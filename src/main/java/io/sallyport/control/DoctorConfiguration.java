package io.sallyport.control;

import io.sallyport.doctor.ProviderExaminer;
import io.sallyport.snapshot.SnapshotHolder;
import io.sallyport.tunnel.TunnelServer;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Wires the examinations. */
@Configuration(proxyBeanMethods = false)
class DoctorConfiguration {
    @Bean
    DoctorController doctorController(
            SnapshotHolder snapshots,
            IdentityProviderChanges providers,
            ProviderExaminer examiner,
            SamlImport samlImport,
            MetadataRenewal renewal,
            JdbcClient jdbc,
            InstantSource clock,
            ObjectProvider<TunnelServer> tunnels) {
        ProviderSetup setup = new ProviderSetup(new TeamDomain(snapshots));
        return new DoctorController(
                new GatewayExamination(
                        snapshots,
                        jdbc,
                        clock,
                        () -> Optional.ofNullable(tunnels.getIfAvailable()).map(TunnelServer::port)),
                new ProviderExaminations(snapshots, providers, examiner, setup, samlImport, renewal, clock),
                setup,
                renewal);
    }
}
