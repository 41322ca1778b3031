package io.sallyport.testkit;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;

/**
 * An OpenID Connect provider on a real socket that signs anybody in without asking, and can be told to misbehave in every way a
 * provider can. Strict about what it is given: client credentials, redirect URI, PKCE and single use of codes.
 */
public final class FakeIdp implements AutoCloseable {
    /** The one client it knows. */
    public static final String CLIENT = "sallyport";

    /** The client's secret; has characters that must survive form encoding. */
    public static final String SECRET = "s3cret+/ä&=%";

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpServer server;
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
    private final List<Map<String, String>> authorizations = Collections.synchronizedList(new ArrayList<>());
    private final List<Map<String, String>> redemptions = Collections.synchronizedList(new ArrayList<>());
    private final Map<String, String> places = new ConcurrentHashMap<>();
    private final Map<String, String> api = new ConcurrentHashMap<>();
    private final Map<String, String> nextPages = new ConcurrentHashMap<>();
    private final Map<String, Integer> refusals = new ConcurrentHashMap<>();
    private final Set<String> accessTokens = ConcurrentHashMap.newKeySet();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger keyFetches = new AtomicInteger();
    private volatile RSAKey key = newKey();
    private volatile List<RSAKey> published = List.of(key);
    private volatile Misbehaviour misbehaviour = new Misbehaviour();

    private FakeIdp(HttpServer server) {
        this.server = server;
    }

    /** How the next logins go wrong; every part unset means they go right. */
    public static final class Misbehaviour {
        private UnaryOperator<Map<String, Object>> claims = UnaryOperator.identity();
        private UnaryOperator<String> idToken = UnaryOperator.identity();
        private UnaryOperator<Map<String, String>> callback = UnaryOperator.identity();
        private boolean hmac;
        private boolean withoutKid;
        private boolean byStranger;
        private int tokenStatus = 200;
        private String tokenBody;
        private String tokenRedirect;
        private String keysBody;

        /** Changes the ID token's claims before signing. */
        public Misbehaviour claims(UnaryOperator<Map<String, Object>> change) {
            claims = change;
            return this;
        }

        /** Sets one claim; null removes it. */
        public Misbehaviour claim(String name, Object value) {
            return claims(all -> {
                if (value == null) {
                    all.remove(name);
                } else {
                    all.put(name, value);
                }
                return all;
            });
        }

        /** Changes the signed token. */
        public Misbehaviour idToken(UnaryOperator<String> change) {
            idToken = change;
            return this;
        }

        /** Changes the query of the redirect back. */
        public Misbehaviour callback(UnaryOperator<Map<String, String>> change) {
            callback = change;
            return this;
        }

        /** Signs with HS256 and the client secret's bytes. */
        public Misbehaviour hmac() {
            hmac = true;
            return this;
        }

        /** Signs with a key nobody published, under the published key's id. */
        public Misbehaviour byStranger() {
            byStranger = true;
            return this;
        }

        /** Leaves the key id out. */
        public Misbehaviour withoutKid() {
            withoutKid = true;
            return this;
        }

        /** The token endpoint answers this. */
        public Misbehaviour token(int status, String body) {
            tokenStatus = status;
            tokenBody = body;
            return this;
        }

        /** The token endpoint sends its callers elsewhere. */
        public Misbehaviour tokenRedirect(String location) {
            tokenRedirect = location;
            return this;
        }

        /** The key endpoint answers this. */
        public Misbehaviour keys(String body) {
            keysBody = body;
            return this;
        }
    }

    /** Starts one on a free loopback port. */
    public static FakeIdp start() {
        try {
            FakeIdp idp = new FakeIdp(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            idp.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            idp.server.createContext("/", idp::answer);
            idp.server.start();
            return idp;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its issuer, and the base of all its URLs. */
    public String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Behaves well again. */
    public void behave() {
        misbehaviour = new Misbehaviour();
        published = List.of(key);
    }

    /** Misbehaves from now on. */
    public void misbehave(Misbehaviour how) {
        misbehaviour = how;
    }

    /** Makes a new signing key and publishes only that. */
    public void rotateKeys() {
        key = newKey();
        published = List.of(key);
    }

    /** Publishes a second key beside the one that signs. */
    public void publishSecondKey() {
        published = List.of(key, newKey());
    }

    /** A logout token for this subject, good unless the change makes it bad. */
    public String logoutToken(String type, String subject, UnaryOperator<Map<String, Object>> change) {
        Map<String, Object> claims = new LinkedHashMap<>();
        long now = Instant.now().getEpochSecond();
        claims.put("iss", issuer());
        claims.put("sub", subject);
        claims.put("aud", CLIENT);
        claims.put("iat", now);
        claims.put("exp", now + 120);
        claims.put("jti", UUID.randomUUID().toString());
        claims.put("events", Map.of("http://schemas.openid.net/event/backchannel-logout", Map.of()));
        JWTClaimsSet.Builder builder = new JWTClaimsSet.Builder();
        change.apply(claims).forEach(builder::claim);
        JWSHeader.Builder header = new JWSHeader.Builder(misbehaviour.hmac ? JWSAlgorithm.HS256 : JWSAlgorithm.RS256)
                .keyID(key.getKeyID());
        if (type != null) {
            header.type(new JOSEObjectType(type));
        }
        try {
            SignedJWT token = new SignedJWT(header.build(), builder.build());
            token.sign(
                    misbehaviour.hmac
                            ? new MACSigner(MessageDigests.sha256(SECRET))
                            : new RSASSASigner(misbehaviour.byStranger ? newKey() : key));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How often the key set was fetched. */
    public int keyFetches() {
        return keyFetches.get();
    }

    /** Authorization requests so far, oldest first. */
    public List<Map<String, String>> authorizations() {
        return List.copyOf(authorizations);
    }

    /** Token requests so far, oldest first. */
    public List<Map<String, String>> redemptions() {
        return List.copyOf(redemptions);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            switch (places.getOrDefault(path, path)) {
                case "/.well-known/openid-configuration" -> json(exchange, 200, discovery());
                case "/authorize" -> authorize(exchange);
                case "/token" -> token(exchange);
                case "/keys" -> keys(exchange);
                default -> api(exchange);
            }
        } catch (JOSEException e) {
            throw new IOException(e);
        }
    }

    /** Calls with an access token that we issued; whatever else is asked for does not exist. */
    private void api(HttpExchange exchange) throws IOException {
        String uri = exchange.getRequestURI().toString();
        String body = api.get(uri);
        String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        boolean known = accessTokens.contains(authorization.replaceFirst("^(Bearer|OAuth|SSWS) ", ""));
        String further = nextPages.get(uri);
        if (further != null) {
            exchange.getResponseHeaders().set("Link", "<" + issuer() + further + ">; rel=\"next\"");
        }
        calls.add(authorization.replaceAll(" .*", "") + " " + uri);
        if (body == null) {
            json(exchange, 404, "{}");
        } else {
            json(exchange, known ? refusals.getOrDefault(uri, 200) : 401, known ? body : "{}");
        }
    }

    /** Serves an endpoint at another path, too: {@code /authorize}, {@code /token} or {@code /keys}. */
    public FakeIdp at(String path, String endpoint) {
        places.put(path, endpoint);
        return this;
    }

    /** Answers an API call, path and query to the letter, for holders of an access token. */
    public FakeIdp api(String uri, String body) {
        api.put(uri, body);
        refusals.remove(uri);
        return this;
    }

    /** Takes a token that was issued by hand. */
    public FakeIdp takes(String token) {
        accessTokens.add(token);
        return this;
    }

    /** Says of an API call where its answer goes on. */
    public FakeIdp goesOn(String uri, String next) {
        nextPages.put(uri, next);
        return this;
    }

    /** Refuses an API call, with these words. */
    public FakeIdp refuse(String uri, int status, String body) {
        api.put(uri, body);
        refusals.put(uri, status);
        return this;
    }

    /** API calls so far: the scheme of their credentials, path and query. */
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /** Forgets what happened so far; for those who sign in for minutes and ask about none of it. */
    public void forget() {
        authorizations.clear();
        redemptions.clear();
        accessTokens.clear();
        calls.clear();
    }

    private String discovery() {
        return JSON.writeValueAsString(Map.of(
                "issuer", issuer(),
                "authorization_endpoint", issuer() + "/authorize",
                "token_endpoint", issuer() + "/token",
                "jwks_uri", issuer() + "/keys"));
    }

    private void keys(HttpExchange exchange) throws IOException {
        keyFetches.incrementAndGet();
        String body = misbehaviour.keysBody;
        json(
                exchange,
                200,
                body != null
                        ? body
                        : new JWKSet(List.copyOf(published)).toPublicJWKSet().toString());
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> query = decode(exchange.getRequestURI().getRawQuery());
        authorizations.add(query);
        String code = UUID.randomUUID().toString();
        codes.put(code, query);
        Map<String, String> back = new LinkedHashMap<>();
        back.put("code", code);
        back.put("state", query.get("state"));
        exchange.getResponseHeaders()
                .set("Location", query.get("redirect_uri") + "?" + encode(misbehaviour.callback.apply(back)));
        exchange.sendResponseHeaders(302, -1);
    }

    private void token(HttpExchange exchange) throws IOException, JOSEException {
        Map<String, String> form = decode(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        redemptions.add(form);
        if (misbehaviour.tokenRedirect != null) {
            exchange.getResponseHeaders().set("Location", misbehaviour.tokenRedirect);
            exchange.sendResponseHeaders(307, -1);
            return;
        }
        if (misbehaviour.tokenBody != null) {
            json(exchange, misbehaviour.tokenStatus, misbehaviour.tokenBody);
            return;
        }
        boolean posted = CLIENT.equals(form.get("client_id")) && SECRET.equals(form.get("client_secret"));
        if (!posted && !isOurClient(exchange.getRequestHeaders().getFirst("Authorization"))) {
            json(exchange, 401, "{\"error\":\"invalid_client\"}");
            return;
        }
        Map<String, String> request = codes.remove(form.getOrDefault("code", ""));
        if (request == null
                || !request.get("redirect_uri").equals(form.get("redirect_uri"))
                || (request.containsKey("code_challenge")
                        && !verifies(request.get("code_challenge"), form.get("code_verifier")))) {
            json(exchange, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"" + SECRET + "\"}");
            return;
        }
        String access = UUID.randomUUID().toString();
        accessTokens.add(access);
        if (request.get("nonce") == null) {
            json(
                    exchange,
                    200,
                    JSON.writeValueAsString(
                            Map.of("access_token", access, "token_type", "bearer", "scope", request.get("scope"))));
            return;
        }
        json(
                exchange,
                200,
                JSON.writeValueAsString(Map.of(
                        "access_token",
                        access,
                        "token_type",
                        "Bearer",
                        "expires_in",
                        60,
                        "id_token",
                        misbehaviour.idToken.apply(idToken(request.get("nonce"))))));
    }

    private String idToken(String nonce) throws JOSEException {
        Map<String, Object> claims = new LinkedHashMap<>();
        long now = Instant.now().getEpochSecond();
        claims.put("iss", issuer());
        claims.put("sub", "ada");
        claims.put("aud", CLIENT);
        claims.put("exp", now + 60);
        claims.put("iat", now);
        claims.put("nonce", nonce);
        claims.put("email", "ada@example.com");
        claims.put("email_verified", true);
        claims.put("name", "Ada");
        claims.put("Groups", List.of("engineers", "owls"));
        claims.put("department", "research");
        claims.put("amr", List.of("pwd", "mfa"));
        JWTClaimsSet.Builder builder = new JWTClaimsSet.Builder();
        misbehaviour.claims.apply(claims).forEach(builder::claim);
        JWSHeader.Builder header = new JWSHeader.Builder(misbehaviour.hmac ? JWSAlgorithm.HS256 : JWSAlgorithm.RS256)
                .type(JOSEObjectType.JWT);
        if (!misbehaviour.withoutKid) {
            header.keyID(key.getKeyID());
        }
        SignedJWT token = new SignedJWT(header.build(), builder.build());
        token.sign(
                misbehaviour.hmac
                        ? new MACSigner(MessageDigests.sha256(SECRET))
                        : new RSASSASigner(misbehaviour.byStranger ? newKey() : key));
        return token.serialize();
    }

    private static boolean isOurClient(String authorization) {
        String expected = Base64.getEncoder()
                .encodeToString((URLEncoder.encode(CLIENT, StandardCharsets.UTF_8) + ":"
                                + URLEncoder.encode(SECRET, StandardCharsets.UTF_8))
                        .getBytes(StandardCharsets.UTF_8));
        return ("Basic " + expected).equals(authorization);
    }

    private static boolean verifies(String challenge, String verifier) {
        return challenge != null
                && verifier != null
                && Base64URL.encode(MessageDigests.sha256(verifier)).toString().equals(challenge);
    }

    private static final class MessageDigests {
        static byte[] sha256(String text) {
            try {
                return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Under a name never used before. */
    private static RSAKey newKey() {
        try {
            return new RSAKeyGenerator(2048)
                    .keyUse(KeyUse.SIGNATURE)
                    .keyID(UUID.randomUUID().toString())
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> decode(String query) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            values.put(
                    URLDecoder.decode(pair.substring(0, equals), StandardCharsets.UTF_8),
                    URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return values;
    }

    private static String encode(Map<String, String> values) {
        StringBuilder query = new StringBuilder();
        values.forEach((name, value) -> query.append(query.isEmpty() ? "" : "&")
                .append(name)
                .append('=')
                .append(URLEncoder.encode(value, StandardCharsets.UTF_8)));
        return query.toString();
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
