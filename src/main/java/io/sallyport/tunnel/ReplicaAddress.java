package io.sallyport.tunnel;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address at which other replicas reach this one, and where it listens for them. Unless configured, it is the local
 * address of the route to the database, because that network is the one which all replicas are known to share.
 *
 * @param advertised an address or a name, told to the others
 * @param listening null means every address of this machine
 */
record ReplicaAddress(String advertised, @Nullable InetAddress listening) {
    private static final Pattern DATABASE_HOST = Pattern.compile("jdbc:postgresql://(\\[[^]]+]|[^:/,?\\[\\]]+).*");
    private static final int ANY_PORT = 5432;

    /**
     * Determines the address. Blocks while names are resolved.
     *
     * @param configured the configured address; null to derive it
     * @param databaseUrl as JDBC spells it
     */
    static ReplicaAddress of(@Nullable String configured, String databaseUrl) {
        try {
            if (configured == null || configured.isBlank()) {
                InetAddress source = sourceTowards(databaseHost(databaseUrl));
                return new ReplicaAddress(source.getHostAddress(), source);
            }
            InetAddress told = InetAddress.getByName(configured);
            boolean isOurs = NetworkInterface.getByInetAddress(told) != null;
            return new ReplicaAddress(configured, isOurs ? told : null);
        } catch (IOException e) {
            throw new UnusableException(e);
        }
    }

    private static InetAddress databaseHost(String url) throws UnknownHostException {
        Matcher host = DATABASE_HOST.matcher(url);
        return host.matches() ? InetAddress.getByName(host.group(1)) : InetAddress.getLoopbackAddress();
    }

    /** The local address that the kernel chooses for a destination. Connecting a datagram socket sends nothing. */
    private static InetAddress sourceTowards(InetAddress destination) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(destination, ANY_PORT));
            InetAddress source = socket.getLocalAddress();
            return source.isAnyLocalAddress() ? InetAddress.getLocalHost() : source;
        }
    }

    /** No address could be determined. */
    static final class UnusableException extends RuntimeException {
        UnusableException(IOException cause) {
            super(
                    "no address at which other replicas could reach this one; set sallyport.replica.address: " + cause,
                    cause);
        }
    }
}
