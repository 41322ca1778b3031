package io.sallyport.control;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The names that stand for tunnels in DNS: {@code UUID.DOMAIN}. */
final class TunnelNames {
    /** Scripts and the Terraform provider write this one without asking. */
    private static final String VENDOR_DOMAIN = "cfargotunnel.com";

    private final String domain;
    private final Set<String> domains;

    TunnelNames(String domain) {
        this.domain = domain.toLowerCase(Locale.ROOT);
        this.domains = this.domain.equals(VENDOR_DOMAIN) ? Set.of(VENDOR_DOMAIN) : Set.of(this.domain, VENDOR_DOMAIN);
    }

    /** The name of a tunnel. */
    String of(UUID tunnel) {
        return tunnel + "." + domain;
    }

    /** The tunnel that a name stands for; empty when it stands for none. */
    Optional<UUID> tunnel(String name) {
        String normal = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        int dot = normal.indexOf('.');
        return dot > 0 && domains.contains(normal.substring(dot + 1).toLowerCase(Locale.ROOT))
                ? Ids.parse(normal.substring(0, dot))
                : Optional.empty();
    }
}
