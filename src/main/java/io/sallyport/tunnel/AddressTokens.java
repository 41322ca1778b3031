package io.sallyport.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Validates the address of a QUIC client before we spend anything on it (RFC 9000 §8.1.2): the first packet is answered with a Retry.
 * Its token is authenticated with a key of this process, and valid for this address and for ten seconds.
 *
 * <pre>mac (32) | made at, nanoseconds (8) | connection id the client chose (0..20)</pre>
 */
final class AddressTokens implements QuicTokenHandler {
    private static final String MAC = "HmacSHA256";
    private static final int MAC_BYTES = 32;
    private static final int PREFIX = MAC_BYTES + Long.BYTES;
    private static final int LONGEST_CONNECTION_ID = 20;
    private static final Duration LIFE = Duration.ofSeconds(10);
    private static final int INVALID = -1;

    private final LongSupplier nanoTime;
    private final Predicate<InetSocketAddress> mayBegin;
    private final SecretKeySpec key;

    /** @param mayBegin whether a validated address may begin a handshake now; asked for each, because a token can be used repeatedly */
    AddressTokens(LongSupplier nanoTime, Predicate<InetSocketAddress> mayBegin) {
        this.nanoTime = nanoTime;
        this.mayBegin = mayBegin;
        byte[] bytes = new byte[MAC_BYTES];
        new SecureRandom().nextBytes(bytes);
        this.key = new SecretKeySpec(bytes, MAC);
    }

    @Override
    public boolean writeToken(ByteBuf out, ByteBuf connectionId, InetSocketAddress address) {
        byte[] id = bytes(connectionId);
        long now = nanoTime.getAsLong();
        out.writeBytes(mac(address, now, id)).writeLong(now).writeBytes(id);
        return true;
    }

    /** Returns the position of the connection id in the token, or -1 if the token is invalid. */
    @Override
    public int validateToken(ByteBuf token, InetSocketAddress address) {
        byte[] all = bytes(token);
        if (all.length < PREFIX || all.length > maxTokenLength()) {
            return INVALID;
        }
        ByteBuffer parts = ByteBuffer.wrap(all);
        byte[] mac = new byte[MAC_BYTES];
        parts.get(mac);
        long madeAt = parts.getLong();
        byte[] id = new byte[parts.remaining()];
        parts.get(id);
        long age = nanoTime.getAsLong() - madeAt;
        boolean genuine = MessageDigest.isEqual(mac, mac(address, madeAt, id));
        return genuine && age >= 0 && age <= LIFE.toNanos() && mayBegin.test(address) ? PREFIX : INVALID;
    }

    @Override
    public int maxTokenLength() {
        return PREFIX + LONGEST_CONNECTION_ID;
    }

    private byte[] mac(InetSocketAddress address, long madeAt, byte[] id) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(key);
            mac.update(address.getAddress().getAddress());
            mac.update(ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                    .putInt(address.getPort())
                    .putLong(madeAt)
                    .flip());
            return mac.doFinal(id);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + MAC, e);
        }
    }

    private static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.getBytes(buffer.readerIndex(), bytes);
        return bytes;
    }
}
