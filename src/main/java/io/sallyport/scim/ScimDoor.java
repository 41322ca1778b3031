package io.sallyport.scim;

import io.sallyport.http.AccessHeaders;
import io.sallyport.session.WrongCredentials;
import io.sallyport.snapshot.Snapshot;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Lets a directory in by the bearer secret of its provider entry, as long as the entry has SCIM on. Every no is the same no. */
class ScimDoor {
    /** Below the team domain; followed by the provider's id and {@code /v2}. */
    static final String PATH = AccessHeaders.RESERVED_PATH + "scim/";

    private static final String BEARER = "bearer ";

    private final JdbcClient jdbc;
    private final WrongCredentials wrong;

    ScimDoor(JdbcClient jdbc, WrongCredentials wrong) {
        this.jdbc = jdbc;
        this.wrong = wrong;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    private record Entry(byte[] secretHash, JsonNode body) {}

    /** The directory that this provider entry trusts with that header. */
    Directory admit(Snapshot snapshot, String provider, List<String> authorization, InetAddress client) {
        UUID idp = id(provider);
        if (authorization.size() != 1 || !authorization.getFirst().regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            throw ScimProblem.unauthorized();
        }
        String secret = authorization.getFirst().substring(BEARER.length()).strip();
        JsonNode config;
        try {
            config = wrong.check("scim", client, idp + " " + secret, _ -> config(idp, secret))
                    .orElseThrow(ScimProblem::unauthorized);
        } catch (WrongCredentials.TooMany tooMany) {
            throw ScimProblem.tooMany();
        }
        return new Directory(
                idp,
                snapshot.settings().issuer() + PATH + idp + "/v2",
                config.path("user_deprovision").asBoolean(false),
                Directory.Updates.of(config.path("identity_update_behavior").asString("no_action")));
    }

    private Optional<JsonNode> config(UUID idp, String secret) {
        return jdbc.sql("""
                        select s.secret_hash, p.body from scim_secrets s join identity_providers p on p.id = s.idp_id
                         where s.idp_id = ?""")
                .param(idp)
                .query((row, i) ->
                        new Entry(row.getBytes(1), JsonMapper.shared().readTree(row.getString(2))))
                .optional()
                .filter(entry -> MessageDigest.isEqual(entry.secretHash(), hash(secret)))
                .map(entry -> entry.body().path("scim_config"))
                .filter(found -> found.path("enabled").asBoolean(false));
    }

    private static UUID id(String text) {
        try {
            UUID id = UUID.fromString(text);
            if (id.toString().equals(text.toLowerCase(Locale.ROOT))) {
                return id;
            }
        } catch (IllegalArgumentException notAnId) {
            // Answered below, like everything that is not let in.
        }
        throw ScimProblem.unauthorized();
    }

    private static byte[] hash(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
