package io.sallyport.http;

/**
 * The host from which stock cloudflared fetches the result of a sign-in: the tokens of {@code access login} and the
 * certificate of {@code tunnel login}. The name is compiled into cloudflared, so
 * requests reach us only where an operator makes that name resolve to the gateway.
 */
public final class TransferHost {
    private static final String NAME = "login.cloudflareaccess.org";

    private TransferHost() {}

    /** Whether a host is that one. */
    public static boolean is(HostName host) {
        return host.value().equals(NAME);
    }
}
