package io.sallyport.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** What protects QUIC packets in one direction, with AES-128 (RFC 9001 §5). */
final class QuicKeys {
    /** Behind every payload. */
    static final int TAG = 16;
    /** Octets of a packet number; fewer would do, and are more work. */
    static final int NUMBER = 4;

    private static final byte[] SALT = HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
    private static final int LONG_HEADER = 0x80;

    private final byte[] key;
    private final byte[] vector;
    private final byte[] mask;

    private QuicKeys(SecretKey secret) throws GeneralSecurityException {
        key = expand(secret, "quic key", 16);
        vector = expand(secret, "quic iv", 12);
        mask = expand(secret, "quic hp", 16);
    }

    /** Those of a secret that TLS made. */
    static QuicKeys of(byte[] secret) {
        try {
            return new QuicKeys(new SecretKeySpec(secret, "Generic"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has these", e);
        }
    }

    /** A client's first ones, which anybody can make. */
    static QuicKeys first(byte[] connectionId) {
        try {
            SecretKey extracted = KDF.getInstance("HKDF-SHA256")
                    .deriveKey(
                            "Generic",
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(connectionId)
                                    .addSalt(SALT)
                                    .extractOnly());
            return of(expand(extracted, "client in", 32));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has these", e);
        }
    }

    /** A packet: its head, which ends before the number, the number, and these frames. */
    byte[] seal(byte[] head, int number, byte[] frames) {
        ByteBuffer packet = ByteBuffer.allocate(head.length + NUMBER + frames.length + TAG)
                .put(head)
                .putInt(number);
        byte[] nonce = vector.clone();
        for (int i = 0; i < NUMBER; i++) {
            nonce[nonce.length - NUMBER + i] ^= (byte) (number >>> 8 * (NUMBER - 1 - i));
        }
        try {
            Cipher seal = Cipher.getInstance("AES/GCM/NoPadding");
            seal.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG, nonce));
            seal.updateAAD(packet.array(), 0, head.length + NUMBER);
            packet.put(seal.doFinal(frames));
            hide(packet.array(), head.length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has these", e);
        }
        return packet.array();
    }

    private void hide(byte[] packet, int number) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(mask, "AES"));
        byte[] bits = cipher.doFinal(Arrays.copyOfRange(packet, number + 4, number + 20));
        packet[0] ^= (byte) (bits[0] & ((packet[0] & LONG_HEADER) == 0 ? 0x1f : 0x0f));
        for (int i = 0; i < NUMBER; i++) {
            packet[number + i] ^= bits[1 + i];
        }
    }

    private static byte[] expand(SecretKey secret, String label, int length) throws GeneralSecurityException {
        byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
        byte[] info = ByteBuffer.allocate(2 + 1 + name.length + 1)
                .putShort((short) length)
                .put((byte) name.length)
                .put(name)
                .put((byte) 0)
                .array();
        return KDF.getInstance("HKDF-SHA256").deriveData(HKDFParameterSpec.expandOnly(secret, info, length));
    }
}
