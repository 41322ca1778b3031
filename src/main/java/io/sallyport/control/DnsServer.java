package io.sallyport.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;
import org.xbill.DNS.Update;

/** The DNS server that is told of aliases (RFC 2136), every message signed both ways (RFC 8945). Blocking. */
final class DnsServer {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int PORT = 53;

    private final DnsSettings.Rfc2136 settings;
    private final Name zone;
    private final TSIG key;

    /** @throws IllegalArgumentException when the settings do not name a server, a zone and a key: that ends the start */
    DnsServer(DnsSettings.Rfc2136 settings) {
        this.settings = settings;
        try {
            this.zone = absolute(settings.zone());
            this.key = new TSIG(absolute(settings.algorithmName()), absolute(settings.keyName()), secret(settings));
        } catch (TextParseException e) {
            throw new IllegalArgumentException("sallyport.dns.rfc2136: the zone or the key's name is no DNS name", e);
        }
    }

    private static byte[] secret(DnsSettings.Rfc2136 settings) {
        try {
            return Base64.getDecoder()
                    .decode(Files.readString(settings.keyFile(), StandardCharsets.US_ASCII)
                            .strip());
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "sallyport.dns.rfc2136.key-file " + settings.keyFile() + " cannot be read", e);
        } catch (IllegalArgumentException e) {
            // The cause would repeat a part of the key.
            throw new IllegalArgumentException(
                    "sallyport.dns.rfc2136.key-file " + settings.keyFile() + " does not hold a key in base64");
        }
    }

    /** A name the server did not take, or may not have taken; the message is for the admin. */
    static final class Refused extends Exception {
        Refused(String message) {
            super(message);
        }
    }

    /** Whether this server's zone holds a name. */
    boolean covers(String name) {
        String suffix = "." + settings.zone().toLowerCase(Locale.ROOT);
        return name.endsWith(suffix);
    }

    /**
     * Makes a name an alias of another, or of none. A name that has addresses of its own is not touched.
     *
     * @throws Refused when the server did not say, with a good signature, that it is done
     */
    void tell(String name, @Nullable String target) throws Refused {
        try {
            Message answer = resolver().send(update(name, target));
            if (!answer.isSigned() || !answer.isVerified()) {
                throw new Refused(
                        "the DNS server's answer (" + Rcode.string(answer.getRcode()) + ") is not signed with the key");
            }
            switch (answer.getRcode()) {
                case Rcode.NOERROR -> {
                    // Told.
                }
                case Rcode.YXRRSET -> throw new Refused("the name has addresses of its own at the DNS server");
                default -> throw new Refused("the DNS server answered " + Rcode.string(answer.getRcode()));
            }
        } catch (TextParseException e) {
            throw new Refused("not a DNS name: " + e.getMessage());
        } catch (IOException e) {
            throw new Refused("the DNS server does not answer: " + e.getClass().getSimpleName());
        }
    }

    private Update update(String name, @Nullable String target) throws TextParseException {
        Name owner = absolute(name);
        Update update = new Update(zone);
        if (target != null) {
            // A server passes over an alias beside addresses and says that all is well (RFC 2136 §3.4.2.2).
            update.absent(owner, Type.A);
            update.absent(owner, Type.AAAA);
        }
        update.delete(owner, Type.CNAME);
        if (target != null) {
            update.add(new CNAMERecord(owner, DClass.IN, settings.ttl().toSeconds(), absolute(target)));
        }
        return update;
    }

    private SimpleResolver resolver() {
        URI address = settings.address();
        int port = address.getPort() < 0 ? PORT : address.getPort();
        // Looked up anew each time: the server may have moved.
        SimpleResolver resolver = new SimpleResolver(new InetSocketAddress(address.getHost(), port));
        resolver.setTCP(true);
        resolver.setTimeout(PATIENCE);
        resolver.setTSIGKey(key);
        return resolver;
    }

    private static Name absolute(String name) throws TextParseException {
        return Name.fromString(name, Name.root);
    }
}
