package io.sallyport.control;

import io.sallyport.http.HostName;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How names lead to tunnels.
 *
 * @param tunnelDomain every tunnel has a name below it, {@code UUID.tunnelDomain}, to which hostnames are aliases; where DNS is
 *     real, a wildcard record sends them to the edge
 */
@ConfigurationProperties("sallyport.dns")
record DnsSettings(@DefaultValue("tunnel.localhost") String tunnelDomain) {
    DnsSettings {
        if (HostName.parse(tunnelDomain).isEmpty()) {
            throw new IllegalArgumentException("sallyport.dns.tunnel-domain must be a host name");
        }
    }
}
