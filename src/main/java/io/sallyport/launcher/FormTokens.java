package io.sallyport.launcher;

import io.sallyport.identity.IdentityNonce;
import io.sallyport.token.Sealer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Proof that a form was given to the session that posts it: a keyed hash of the session. Our cookies go with every request, also
 * with one another site made a browser send; such a site cannot know this.
 */
final class FormTokens {
    private static final String PURPOSE = "launcher/form";

    private final Sealer sealer;

    FormTokens(Sealer sealer) {
        this.sealer = sealer;
    }

    /** The token for a session's forms. */
    String of(IdentityNonce session) {
        byte[] mac = sealer.mac(PURPOSE, session.value().getBytes(StandardCharsets.UTF_8));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(mac);
    }

    /** Whether the posted form is this session's. */
    boolean fits(IdentityNonce session, Optional<String> posted) {
        byte[] expected = of(session).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(expected, posted.orElse("").getBytes(StandardCharsets.UTF_8));
    }
}
