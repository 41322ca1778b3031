package io.sallyport.control;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;

/**
 * A tunnel as a request describes it.
 *
 * @param secret absent keeps or makes one
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
record TunnelDraft(Optional<String> name, Optional<String> configSrc, Optional<byte[]> secret) {
    static final int SECRET_BYTES = 32;

    /** 32 characters of base64, which is what some configurations count: 192 bits are not guessed either. */
    private static final int SHORTEST_SECRET = 24;

    private static final int LONGEST_SECRET = 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Reads a body; every member is optional. */
    static TunnelDraft read(Fields fields) {
        return ApiProblem.about(ApiProblem.TUNNEL, () -> {
            Optional<String> name = fields.line("name", Limits.NAME).map(String::strip);
            if (name.isPresent()
                    && (name.get().isEmpty() || Ids.parse(name.get()).isPresent())) {
                throw fields.invalid("name", "must be a name, and no UUID: it could not be told from an id");
            }
            return new TunnelDraft(name, fields.oneOf("config_src", Set.of("local", "cloudflare")), secret(fields));
        });
    }

    private static Optional<byte[]> secret(Fields fields) {
        return fields.text("tunnel_secret", LONGEST_SECRET).map(text -> {
            byte[] secret;
            try {
                secret = Base64.getDecoder().decode(text);
            } catch (IllegalArgumentException e) {
                throw fields.invalid("tunnel_secret", "must be base64");
            }
            if (secret.length < SHORTEST_SECRET) {
                throw fields.invalid("tunnel_secret", "must have at least " + SHORTEST_SECRET + " bytes before base64");
            }
            return secret;
        });
    }

    /** The secret that was sent, or a new one. */
    byte[] secretOrRandom() {
        return secret.orElseGet(() -> {
            byte[] random = new byte[SECRET_BYTES];
            RANDOM.nextBytes(random);
            return random;
        });
    }

    /** The secret stays out of logs. */
    @Override
    public String toString() {
        return "TunnelDraft[" + name.orElse("") + "]";
    }
}
