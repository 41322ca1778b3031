package io.sallyport.http;

/**
 * Where stock cloudflared picks up the result of a sign-in, whatever it signed in to: the tokens of {@code access login} and the
 * certificate of {@code tunnel login} (protocol/connector-api.md §3). The name is compiled into it. Requests for it come here only
 * where somebody points that name at us on purpose.
 */
public final class TransferHost {
    private static final String NAME = "login.cloudflareaccess.org";

    private TransferHost() {}

    /** Whether a host is that one. */
    public static boolean is(HostName host) {
        return host.value().equals(NAME);
    }
}
