package io.sallyport.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/**
 * Seals small state that travels through a browser, such as a pending login, so that any replica can open it and nobody
 * else: AES-256-GCM under a key derived from the master key, one per purpose. Sealed state becomes unreadable when the
 * master key is rotated. Pending logins and PINs live for minutes, so that costs a retry, and no old keys have to be
 * kept.
 */
public final class Sealer {
    private static final byte VERSION = 1;

    private final MasterKey master;
    private final Map<String, SecretKey> keys = new ConcurrentHashMap<>();

    /** A sealer whose keys are derived from the deployment's master key. */
    public Sealer(MasterKey master) {
        this.master = master;
    }

    /**
     * Encrypts and authenticates.
     *
     * @param purpose names the kind of state; what one purpose sealed another cannot open. A constant of the caller, never input
     * @return base64url
     */
    public String seal(String purpose, byte[] plain) {
        byte[] sealed = AesGcm.encrypt(key("seal", purpose, "AES"), plain, associated(purpose));
        return StrictBase64.encode(
                ByteBuffer.allocate(1 + sealed.length).put(VERSION).put(sealed).array());
    }

    /** Empty for anything that was not sealed for this purpose by this deployment. */
    public Optional<byte[]> open(String purpose, String sealed) {
        byte[] bytes = StrictBase64.decode(sealed);
        if (bytes == null || bytes.length == 0 || bytes[0] != VERSION) {
            return Optional.empty();
        }
        try {
            return Optional.of(AesGcm.decrypt(
                    key("seal", purpose, "AES"), ByteBuffer.wrap(bytes, 1, bytes.length - 1), associated(purpose)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** A keyed hash (HMAC-SHA-256) for values that are compared but must not be guessable at rest, such as one-time PINs (OT-04). */
    public byte[] mac(String purpose, byte[] value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key("mac", purpose, "HmacSHA256"));
            return mac.doFinal(value);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HMAC-SHA-256", e);
        }
    }

    private SecretKey key(String use, String purpose, String algorithm) {
        String name = "sallyport " + use + " v1: " + purpose;
        SecretKey known = keys.get(name);
        return known != null ? known : keys.computeIfAbsent(name, n -> master.derive(n, algorithm));
    }

    private static byte[] associated(String purpose) {
        return purpose.getBytes(StandardCharsets.UTF_8);
    }
}
