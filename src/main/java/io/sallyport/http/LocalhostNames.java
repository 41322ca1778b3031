package io.sallyport.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Names under {@code localhost} are loopback (RFC 6761 §6.3), for this process as for browsers, whatever the C library thinks; all
 * other names are resolved as ever. Found by the JDK through {@code META-INF/services}.
 */
public final class LocalhostNames extends InetAddressResolverProvider {
    /**
     * Looks a name up, which has the JDK find us by the class loader of this thread and keep us. In the packaged program only threads of
     * ours know our classes: were the first name looked up by one of the JDK's HTTP client, as for a WebSocket, none of ours would count.
     */
    public static void use() {
        try {
            InetAddress.getAllByName("any.localhost");
        } catch (UnknownHostException notHeard) {
            return; // such names are then what the C library takes them for
        }
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver usual = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                return host.toLowerCase(Locale.ROOT).endsWith(".localhost")
                        ? Stream.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}))
                        : usual.lookupByName(host, policy);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return usual.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "Sallyport: names under localhost";
    }
}
