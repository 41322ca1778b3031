package io.sallyport.gateway;

import io.micrometer.core.instrument.MeterRegistry;
import io.sallyport.http.OutboundRules;
import io.sallyport.mtls.ClientCertificates;
import io.sallyport.mtls.Responders;
import io.sallyport.mtls.RevocationLists;
import io.sallyport.session.OutboundExchange;
import io.sallyport.snapshot.SnapshotHolder;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires what judges client certificates, and what keeps their authorities and revocation lists fresh. */
@Configuration(proxyBeanMethods = false)
class ClientCertificateConfiguration {
    /** Bytes of the largest revocation list that is read; an authority that needs a larger one should split it. */
    private static final int LARGEST_LIST = 4 * 1024 * 1024;

    /** Bytes of the largest OCSP response, its signer's certificates included. */
    private static final int LARGEST_ANSWER = 64 * 1024;

    @Bean
    OutboundExchange listExchange(OutboundRules rules) {
        return new OutboundExchange(rules);
    }

    @Bean
    RevocationLists revocationLists(OutboundExchange listExchange, EdgeSettings settings) {
        return new RevocationLists(
                address -> listExchange.getSigned(address, LARGEST_LIST),
                settings.clientCertificate().crlRefresh());
    }

    @Bean
    Responders responders(OutboundExchange listExchange, EdgeSettings settings) {
        return new Responders(
                (responder, question) ->
                        listExchange.postSigned(responder, "application/ocsp-request", question, LARGEST_ANSWER),
                settings.clientCertificate().crlRefresh());
    }

    @Bean
    ClientCertificates clientCertificates(RevocationLists lists, Responders responders) {
        return new ClientCertificates(lists, responders);
    }

    @Bean
    CertificateJudge certificateJudge(
            ClientCertificates certificates, Offload offload, InstantSource clock, MeterRegistry meters) {
        return new CertificateJudge(certificates, offload, clock, meters);
    }

    @Bean
    AuthorityWatch authorityWatch(
            SnapshotHolder snapshots, RevocationLists lists, InstantSource clock, MeterRegistry meters) {
        return new AuthorityWatch(snapshots, lists, clock, meters);
    }
}
