package io.sallyport.http;

/** Names of the headers and cookies that Cloudflare Access and its origins use; they are part of the protocol. */
public final class AccessHeaders {
    /** The application token, raw, on every authenticated request to an origin. */
    public static final String JWT_ASSERTION = "Cf-Access-Jwt-Assertion";

    /** The person's e-mail on requests to an origin. */
    public static final String AUTHENTICATED_USER_EMAIL = "Cf-Access-Authenticated-User-Email";

    /** The visitor's verified client certificate, DER in base64, towards origins that want it. */
    public static final String CLIENT_CERTIFICATE = "Cf-Client-Cert-Der-Base64";

    /** Hex SHA-256 of that DER. */
    public static final String CLIENT_CERTIFICATE_SHA256 = "Cf-Client-Cert-Sha256";

    /** Half of a service token's credentials. */
    public static final String CLIENT_ID = "Cf-Access-Client-Id";

    /** The secret half of a service token's credentials. */
    public static final String CLIENT_SECRET = "Cf-Access-Client-Secret";

    /** An application token carried by a header instead of a cookie. */
    public static final String ACCESS_TOKEN = "Cf-Access-Token";

    /**
     * The destination of a bastion connection: the only field of ours that clients may send. The connector decides
     * whether it obeys.
     */
    public static final String JUMP_DESTINATION = "Cf-Access-Jump-Destination";

    /** A command line asks which application is at a host. */
    public static final String METADATA_REQUEST = "Cf-Access-Metadata-Request";

    /** The answer to it: a signed description of the application. */
    public static final String METADATA = "Cf-Access-Metadata";

    /** The application's pattern, for command lines that look at redirects instead. */
    public static final String DOMAIN = "CF-Access-Domain";

    /** The application's audience tag, beside {@link #DOMAIN}. */
    public static final String AUD = "CF-Access-Aud";

    /** Our request id: in logs, on pages, and towards the origin. */
    public static final String RAY = "Cf-Ray";

    /** The application token on an application host, the global token on the team domain. */
    public static final String AUTHORIZATION_COOKIE = "CF_Authorization";

    /** Ties an application token to the browser that got it. */
    public static final String BINDING_COOKIE = "CF_Binding";

    /** An app pass on a device that can only open an address. */
    public static final String APP_PASS_COOKIE = "CF_AppPass";

    /** Guards the login flow on the team domain. */
    public static final String SESSION_COOKIE = "CF_Session";

    /**
     * Guards the login round trip of one application host: random, one per browser and host, kept when the browser already sends
     * one, so that ten tabs may log in at once (CS-11). Its hash travels in the {@code meta} parameter.
     */
    public static final String APP_SESSION_COOKIE = "CF_AppSession";

    /** Limits abuse of one-time PIN. */
    public static final String DEVICE_COOKIE = "CF_Device";

    /** Everything under this path is ours on every host (PN-05). */
    public static final String RESERVED_PATH = "/cdn-cgi/access/";

    private AccessHeaders() {}
}
