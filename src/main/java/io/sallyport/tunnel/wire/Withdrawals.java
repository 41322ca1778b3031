package io.sallyport.tunnel.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a connector which tokens were revoked before they expired, and which keys are in use. It is a call of our own from the edge
 * on the control stream. Only connectors that named {@link #FEATURE} at their registration get it, so a stock cloudflared never
 * does. The answer is empty. Each call adds marks to those of earlier calls, and replaces the list of keys.
 *
 * <p>It can only revoke trust, never grant it: a connector stops trusting keys that are not listed here. It does not trust a key because
 * it is listed, but fetches unknown keys from the issuer.
 *
 * @param version of the configuration to which the keys belong; an older list does not replace a newer one
 * @param issuer of the tokens
 * @param keys ids of the issuer's published keys; an empty list means no statement about keys
 */
public record Withdrawals(long version, String issuer, List<String> keys, List<Mark> marks) {
    /** The feature by which a connector says at its registration that it supports this call. */
    public static final String FEATURE = "sallyport_withdrawals";
    /** The interface. */
    public static final long INTERFACE = 0xd7a61c0f4be93a52L;
    /** The method's number in it. */
    public static final int METHOD = 0;
    /** Marks in one call, so that it stays well below the longest message. */
    public static final int MOST_MARKS = 20_000;

    private static final int MOST_KEYS = 64;
    private static final int MARK_BYTES = 3 * Long.BYTES;

    /**
     * A revocation: tokens with this name that were issued up to that time are invalid.
     *
     * @param issuedUpTo milliseconds since 1970; {@link Long#MAX_VALUE} for all tokens
     */
    public record Mark(MarkedName name, long issuedUpTo) {}

    /** Copies the lists. */
    public Withdrawals {
        keys = List.copyOf(keys);
        marks = List.copyOf(marks);
    }

    /** @throws WireRefusal when the parameters are malformed */
    public static Withdrawals read(StructIn params) {
        ByteBuffer packed = ByteBuffer.wrap(params.data(2));
        if (packed.remaining() % MARK_BYTES != 0 || packed.remaining() / MARK_BYTES > MOST_MARKS) {
            throw new WireRefusal("marks that are none");
        }
        List<Mark> marks = new ArrayList<>(packed.remaining() / MARK_BYTES);
        while (packed.hasRemaining()) {
            marks.add(new Mark(new MarkedName(packed.getLong(), packed.getLong()), packed.getLong()));
        }
        return new Withdrawals(params.i64(0), params.text(0), params.texts(1, MOST_KEYS), marks);
    }

    /** As the parameters of the call. */
    public Body params() {
        ByteBuffer packed = ByteBuffer.allocate(marks.size() * MARK_BYTES);
        for (Mark mark : marks) {
            packed.putLong(mark.name().high()).putLong(mark.name().low()).putLong(mark.issuedUpTo());
        }
        int size = packed.capacity()
                + Metadata.bytes(issuer)
                + keys.stream().mapToInt(key -> Metadata.bytes(key) + 16).sum();
        return new Body(new Layout(1, 3), size, out -> {
            out.i64(0, version);
            out.text(0, issuer);
            out.texts(1, keys);
            out.data(2, packed.array());
        });
    }
}
