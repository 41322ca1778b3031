package io.sallyport.connector;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.quic.QuicClosedChannelException;
import io.netty.util.NetUtil;
import java.net.ConnectException;
import java.net.PortUnreachableException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Describes why the edge could not be reached, or did not answer, for the log. */
final class EdgeFault {
    private EdgeFault() {}

    /** What happened; where both transports failed in different ways, both. */
    static String inWords(Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof EdgeDial.Failed both && both.getCause() != null) {
            String preferred = inWords(both.getCause());
            return both.fallback()
                    .map(EdgeFault::inWords)
                    .filter(other -> !other.equals(preferred))
                    .map(other -> preferred + "; " + other)
                    .orElse(preferred);
        }
        if (cause instanceof PortUnreachableException) {
            return "nothing listens there over UDP";
        }
        if (cause instanceof QuicClosedChannelException) {
            return "nothing answered over UDP";
        }
        if (cause instanceof ConnectTimeoutException) {
            return "nothing answered over TCP";
        }
        if (cause instanceof ConnectException
                && String.valueOf(cause.getMessage()).contains("refused")) {
            return "nothing listens there over TCP";
        }
        if (cause instanceof UnknownHostException) {
            return "there is no such host: " + cause.getMessage();
        }
        if (isUntrusted(cause)) {
            return "the edge's certificate is from an authority that is not trusted here; get the tunnel's token or credentials,"
                    + " or cert.pem, again from the gateway, or save the output of 'sallyport tunnel authority' and pass the file"
                    + " with --cacert";
        }
        String message = cause.getMessage();
        return message == null || message.isEmpty() ? cause.getClass().getSimpleName() : message;
    }

    /** What to do when nobody was reached, to be appended; empty where somebody answered, whose words say it. */
    static String advice(Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof UnknownHostException) {
            return "; correct the address with --edge HOST:PORT, or this machine's DNS";
        }
        return cause instanceof EdgeDial.Failed both
                        && isSilence(both.getCause())
                        && both.fallback().map(EdgeFault::isSilence).orElse(true)
                ? "; is the gateway running, and may this machine reach that port over TCP and UDP?"
                        + " Another address is set with --edge HOST:PORT"
                : "";
    }

    /** The address that was dialled; empty when none was found. */
    static Optional<String> address(Throwable failure) {
        return unwrapped(failure) instanceof EdgeDial.Failed both
                ? Optional.of(NetUtil.toSocketAddressString(both.edge()))
                : Optional.empty();
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private static boolean isSilence(@Nullable Throwable failure) {
        return failure instanceof ConnectException
                || failure instanceof PortUnreachableException
                || failure instanceof QuicClosedChannelException;
    }

    /**
     * Whether the edge's certificate was not trusted, as reported by the JDK's TLS or by BoringSSL. A signature that
     * does not verify means an authority of the same name: another gateway's, or this one's before its authority was
     * created anew.
     */
    private static boolean isUntrusted(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException
                    || (cause instanceof CertPathValidatorException invalid
                            && invalid.getReason() == CertPathValidatorException.BasicReason.INVALID_SIGNATURE)
                    || String.valueOf(cause.getMessage()).contains("CERTIFICATE_VERIFY_FAILED")) {
                return true;
            }
        }
        return false;
    }
}
