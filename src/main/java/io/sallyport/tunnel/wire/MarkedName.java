package io.sallyport.tunnel.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A person, service, application or session in {@link Withdrawals}: the first half of the SHA-256 of its random id. A
 * connector can tell whether a token that it sees is affected, but learns nothing about people who never use it.
 */
public record MarkedName(long high, long low) {
    private static final String HASH = "SHA-256";

    /** The person of a token's {@code sub}. */
    public static MarkedName person(String subject) {
        return of('u', subject);
    }

    /** The service token of a token's {@code common_name}: its client id. */
    public static MarkedName service(String clientId) {
        return of('c', clientId);
    }

    /** The application of an audience tag. */
    public static MarkedName application(String audience) {
        return of('a', audience);
    }

    /** The session of a token's {@code identity_nonce}. */
    public static MarkedName session(String nonce) {
        return of('s', nonce);
    }

    private static MarkedName of(char kind, String id) {
        try {
            ByteBuffer hash = ByteBuffer.wrap(
                    MessageDigest.getInstance(HASH).digest((kind + ":" + id).getBytes(StandardCharsets.UTF_8)));
            return new MarkedName(hash.getLong(), hash.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + HASH, e);
        }
    }
}
