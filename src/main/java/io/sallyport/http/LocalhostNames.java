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
     * Resolves a name once, so that the JDK finds and keeps this provider by the class loader of the current thread. In
     * the packaged program only our own threads have that class loader: if a thread of the JDK's HTTP client resolved
     * the first name, this provider would never be used.
     */
    public static void use() {
        try {
            InetAddress.getAllByName("any.localhost");
        } catch (UnknownHostException notHeard) {
            return; // such names are then resolved by the C library
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
