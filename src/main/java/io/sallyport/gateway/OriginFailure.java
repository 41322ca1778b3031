package io.sallyport.gateway;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.timeout.TimeoutException;
import io.sallyport.tunnel.TunnelFailure;
import java.io.IOException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.springframework.web.server.ResponseStatusException;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.PrematureCloseException;

/** An origin did not answer, or not in a way that may be passed on: 502 or 504, never 500. */
final class OriginFailure extends RuntimeException {
    private final boolean timeout;

    private OriginFailure(Throwable cause, boolean timeout) {
        super(cause);
        this.timeout = timeout;
    }

    /** What went wrong while an origin was asked; statuses chosen on purpose and our own mistakes stay as they are (FC-04). */
    static Throwable of(Throwable cause) {
        if (cause instanceof VisitorLeft left) {
            return left.aborted;
        }
        if (cause instanceof OriginFailure
                || cause instanceof OriginConnections.Full
                || cause instanceof TunnelFailure
                || cause instanceof ResponseStatusException
                || cause instanceof Error
                || isBug(cause)) {
            return cause;
        }
        return new OriginFailure(cause, cause instanceof TimeoutException || cause instanceof ConnectTimeoutException);
    }

    private static boolean isBug(Throwable cause) {
        return cause instanceof IllegalStateException
                || cause instanceof IllegalArgumentException
                || cause instanceof NullPointerException
                || cause instanceof ClassCastException
                || cause instanceof IndexOutOfBoundsException;
    }

    /** The certificates to check the origin by are not there: it is not asked at all. */
    static OriginFailure unusableCaPool(IOException cause) {
        return new OriginFailure(new CertificateException("the CA pool cannot be used", cause), false);
    }

    /** Whether it was waited for in vain. */
    boolean isTimeout() {
        return timeout;
    }

    /** Whether it did not prove to be who it should be. */
    boolean isTls() {
        for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException || cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    /** A word for the log. */
    String code() {
        if (timeout) {
            return "origin_timeout";
        }
        if (isTls()) {
            return "origin_certificate";
        }
        return getCause() instanceof Malformed || getCause() instanceof PrematureCloseException
                ? "origin_malformed"
                : "origin_unreachable";
    }

    /** The visitor broke off while sending, which ends the request to the origin and looks like its fault from there. */
    static final class VisitorLeft extends RuntimeException {
        private final AbortedException aborted;

        VisitorLeft(AbortedException aborted) {
            super(null, aborted, false, false);
            this.aborted = aborted;
        }
    }

    /** An answer that a strict reader refuses. */
    static final class Malformed extends RuntimeException {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }
}
