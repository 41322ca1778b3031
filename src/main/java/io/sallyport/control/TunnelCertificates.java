package io.sallyport.control;

import io.sallyport.token.KeyWrapper;
import io.sallyport.token.Sha256;
import io.sallyport.tunnel.ConnectorTrust;
import io.sallyport.tunnel.wire.EdgeGuide;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Makes what {@code tunnel login} brings home: a cert.pem, which is a token for tunnels and their
 * names and for nothing else. One that a command waits for is kept for it under a key that only the command knows, once and for
 * minutes.
 */
final class TunnelCertificates {
    private static final Duration WAITS = Duration.ofMinutes(10);
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{43}=");
    private static final int LINE = 64;

    private final AdminTokenChanges tokens;
    private final AccountScope scope;
    private final ConnectorTrust trust;
    private final KeyWrapper wrapper;
    private final JdbcClient jdbc;
    private final InstantSource clock;

    TunnelCertificates(
            AdminTokenChanges tokens,
            AccountScope scope,
            ConnectorTrust trust,
            KeyWrapper wrapper,
            JdbcClient jdbc,
            InstantSource clock) {
        this.tokens = tokens;
        this.scope = scope;
        this.trust = trust;
        this.wrapper = wrapper;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** Whether a text can be the key of a waiting command: 32 bytes in base64 of the URL alphabet. */
    static boolean isKey(String key) {
        return KEY.matcher(key).matches();
    }

    /** What a person compares, so that nobody approves the command of a stranger: {@code 1a2b-3c4d}. */
    static String code(String key) {
        String hex = HexFormat.of().formatHex(Sha256.of(key), 0, 4);
        return hex.substring(0, 4) + "-" + hex.substring(4);
    }

    /**
     * Makes a certificate with a token of its own, which appears in the list of tokens and can be revoked there. It also says where
     * connectors find the tunnel port and whom they must trust for it, the latter as a certificate: cloudflared passes over that one
     * here, and reads it when {@code --cacert} names the file.
     *
     * @param apiUrl where this API is, as the caller reached it
     * @param host the host in it
     */
    String issue(AdminCall call, String apiUrl, String host) {
        call.permissions().require(new Concerns.Need(ResourceKind.API_TOKENS, Access.WRITE));
        ObjectNode wish = JsonNodeFactory.instance
                .objectNode()
                .put("name", "cert.pem of " + ApiTimes.text(clock.instant()))
                .put("role", AdminRole.EDITOR.word());
        wish.putObject("scopes")
                .put(ResourceKind.TUNNELS.word(), Access.WRITE.word())
                .put(ResourceKind.TUNNEL_TOKENS.word(), Access.WRITE.word()) // tail has one made
                .put(ResourceKind.DNS.word(), Access.WRITE.word());
        Instant end = call.holder().expiresAt();
        if (end != null && !call.permissions().isFull()) {
            wish.put("expires_at", end.toString());
        }
        String token = tokens.create(call.unconditional(), Fields.of(wish))
                .path("token")
                .stringValue();
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("zoneID", scope.account().zoneId())
                .put("accountID", scope.account().id())
                .put("apiToken", token)
                .put("apiURL", apiUrl);
        EdgeGuide edge = trust.guide(host);
        new EdgeGuide(edge.address(), "").addTo(json);
        return "-----BEGIN ARGO TUNNEL TOKEN-----\n"
                + Base64.getMimeEncoder(LINE, new byte[] {'\n'})
                        .encodeToString(json.toString().getBytes(StandardCharsets.UTF_8))
                + "\n-----END ARGO TUNNEL TOKEN-----\n"
                + edge.authority();
    }

    /** Whether the command that knows the key has one waiting for it already. */
    boolean isKept(String key) {
        return jdbc.sql("select 1 from tunnel_logins where key_hash = ? and expires_at > ?")
                .params(Sha256.of(key), clock.instant().atOffset(ZoneOffset.UTC))
                .query()
                .optionalValue()
                .isPresent();
    }

    /** Keeps a certificate for the command that knows the key. */
    void keep(String key, String pem) {
        byte[] hash = Sha256.of(key);
        var now = clock.instant().atOffset(ZoneOffset.UTC);
        jdbc.sql("delete from tunnel_logins where expires_at <= ?").param(now).update();
        int kept = jdbc.sql("""
                        insert into tunnel_logins (key_hash, pem, expires_at) values (?, ?, ?)
                        on conflict (key_hash) do nothing""")
                .params(hash, wrapper.wrap(record(hash), pem.getBytes(StandardCharsets.US_ASCII)), now.plus(WAITS))
                .update();
        if (kept == 0) {
            throw ApiProblem.conflict("this login was approved already");
        }
    }

    /** Hands a kept certificate out: once. */
    Optional<String> take(String key) {
        byte[] hash = Sha256.of(key);
        return jdbc.sql("delete from tunnel_logins where key_hash = ? returning pem, expires_at > ? as valid")
                .params(hash, clock.instant().atOffset(ZoneOffset.UTC))
                .query((row, i) ->
                        row.getBoolean("valid") ? Optional.of(row.getBytes("pem")) : Optional.<byte[]>empty())
                .optional()
                .flatMap(pem -> pem)
                .map(pem -> unwrap(hash, pem));
    }

    private String unwrap(byte[] hash, byte[] pem) {
        try {
            return new String(wrapper.unwrap(record(hash), pem), StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the master key does not open a kept certificate", e);
        }
    }

    private static String record(byte[] hash) {
        return "tunnel-login/" + HexFormat.of().formatHex(hash);
    }
}
