package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A loopback port at which nobody listens. It is held and never listened at, so that the system refuses whoever dials it, and nobody
 * else on a busy machine gets it meanwhile, as happens to one that was only tried out.
 */
public final class ClosedPort implements AutoCloseable {
    private final Socket holder = new Socket();

    private ClosedPort(int port) {
        try {
            holder.setReuseAddress(true); // connections that have ended may still have it
            holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes one; closing it gives it back. */
    public static ClosedPort take() {
        return new ClosedPort(0);
    }

    /** Keeps this one for who has stopped listening at it and means to come back. */
    public static ClosedPort at(int port) {
        return new ClosedPort(port);
    }

    /** Its number. */
    public int number() {
        return holder.getLocalPort();
    }

    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
