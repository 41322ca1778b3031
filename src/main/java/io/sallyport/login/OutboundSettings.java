package io.sallyport.login;

import io.sallyport.http.OutboundRules;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Non-public addresses that our own calls to providers, key sets and evaluators may reach.
 *
 * @param allow CIDRs and host names; empty means public addresses only
 */
@ConfigurationProperties("sallyport.outbound")
record OutboundSettings(@DefaultValue List<String> allow) {
    /** @throws IllegalArgumentException naming an entry that is neither */
    OutboundRules rules() {
        return OutboundRules.of(allow);
    }
}
