package io.sallyport.mtls;

import java.util.ArrayList;
import java.util.List;

/**
 * What a host asks its visitors for: a certificate of one of these authorities.
 *
 * @param authorities never empty
 * @param forwarded whether the certificate is sent to the origin ({@code client_certificate_forwarding})
 */
public record Demand(List<Authority> authorities, boolean forwarded) {
    /** Copies the list. */
    public Demand {
        authorities = List.copyOf(authorities);
    }

    /** With one authority more. */
    Demand and(Authority more) {
        List<Authority> all = new ArrayList<>(authorities);
        all.add(more);
        return new Demand(all, forwarded);
    }
}
