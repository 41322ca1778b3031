package io.sallyport.http;

import java.net.InetAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The addresses that our own calls to identity providers, key sets and evaluators may reach: public ones over https,
 * and those that the operator lists in {@code sallyport.outbound.allow} (OI-08).
 */
public final class OutboundRules {
    /** IANA's special-purpose registries, less the blocks that are globally reachable. Metadata services live in some of these. */
    private static final CidrTable NOT_PUBLIC = CidrTable.of(Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3",
                    "::/96", // unspecified, loopback and the old IPv4-compatible form
                    "64:ff9b::/96", // translated to any IPv4 address, private ones included
                    "64:ff9b:1::/48",
                    "100::/64",
                    "2001::/23", // Teredo and other protocol assignments
                    "2001:db8::/32",
                    "2002::/16", // 6to4, carries any IPv4 address
                    "3fff::/20",
                    "5f00::/16",
                    "fc00::/7",
                    "fe80::/9",
                    "ff00::/8")
            .map(Cidr::parse)
            .toList());

    private final Set<String> names;
    private final CidrTable blocks;
    private final boolean loopback;

    private OutboundRules(Set<String> names, List<Cidr> blocks) {
        this.names = Set.copyOf(names);
        this.blocks = CidrTable.of(blocks);
        this.loopback = this.blocks.contains(InetAddress.ofLiteral("127.0.0.1"));
    }

    /**
     * Reads the operator's list.
     *
     * @param allowed CIDRs or host names
     * @throws IllegalArgumentException naming the entry that is neither
     */
    public static OutboundRules of(List<String> allowed) {
        Set<String> names = new HashSet<>();
        List<Cidr> blocks = new ArrayList<>();
        for (String entry : allowed) {
            Optional<HostName> name = HostName.parse(entry).filter(host -> !host.isAddress());
            name.ifPresent(host -> names.add(host.value()));
            if (name.isEmpty()) {
                blocks.add(block(entry));
            }
        }
        return new OutboundRules(names, blocks);
    }

    private static Cidr block(String entry) {
        try {
            return Cidr.parse(entry);
        } catch (IllegalArgumentException neither) {
            throw new IllegalArgumentException(
                    "sallyport.outbound.allow: \"" + entry + "\" is neither a host name nor a CIDR block", neither);
        }
    }

    /**
     * Checks scheme and host before anything is resolved.
     *
     * @throws OutboundRefused when the scheme is not https and the host is not listed, or the URI is malformed
     */
    public void check(URI uri) {
        check(uri, false);
    }

    /**
     * The same for documents that are verified by their own signature: plain http is permitted, but no other addresses.
     *
     * @throws OutboundRefused as {@link #check(URI)}
     */
    public void checkSigned(URI uri) {
        check(uri, true);
    }

    private void check(URI uri, boolean signed) {
        String given = uri.getHost();
        Optional<HostName> host = given == null ? Optional.empty() : HostName.parse(given);
        if (host.isEmpty() || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw new OutboundRefused("The address is not a plain URL with a host.");
        }
        String name = host.get().value();
        boolean http = "http".equalsIgnoreCase(uri.getScheme());
        if (!http && !"https".equalsIgnoreCase(uri.getScheme())) {
            throw new OutboundRefused("Calls to " + name + " are made over https only.");
        }
        if (http && !signed && !isListed(name)) {
            throw new OutboundRefused(
                    "Calls to " + name + " are made over https only, unless sallyport.outbound.allow lists it.");
        }
        literal(name).filter(address -> !permits(name, address)).ifPresent(_ -> {
            throw new OutboundRefused(name + " is not a public address; sallyport.outbound.allow can list it.");
        });
    }

    /**
     * Whether a resolved address of that host may be connected to: not loopback, private, link-local or metadata, unless listed.
     *
     * @param host as it stands in the URL
     */
    public boolean permits(String host, InetAddress resolved) {
        return !NOT_PUBLIC.contains(resolved)
                || blocks.contains(resolved)
                || HostName.parse(host)
                        .filter(name -> names.contains(name.value()))
                        .isPresent();
    }

    /** Names under localhost mean loopback wherever they are resolved (RFC 6761), so listing loopback lists them. */
    private boolean isListed(String name) {
        boolean local = name.equals("localhost") || name.endsWith(".localhost");
        return names.contains(name)
                || (local && loopback)
                || literal(name).filter(blocks::contains).isPresent();
    }

    private static Optional<InetAddress> literal(String name) {
        return IpAddress.parse(name.startsWith("[") ? name.substring(1, name.length() - 1) : name)
                .map(IpAddress::toInetAddress);
    }

    /** A call that may not be made; the message says why and names the setting that would allow it. */
    public static final class OutboundRefused extends RuntimeException {
        /** @param message a sentence for the admin */
        public OutboundRefused(String message) {
            super(message);
        }
    }
}
