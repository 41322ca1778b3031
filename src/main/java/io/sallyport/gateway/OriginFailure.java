package io.sallyport.gateway;

import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.timeout.TimeoutException;
import io.sallyport.http.ResetCodes;
import io.sallyport.tunnel.TunnelFailure;
import java.io.IOException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import org.springframework.web.server.ResponseStatusException;
import reactor.netty.channel.AbortedException;
import reactor.netty.http.client.PrematureCloseException;

/** An origin did not answer, or its answer must not be passed on. The visitor gets 502 or 504, never 500. */
final class OriginFailure extends RuntimeException {
    private final boolean timeout;

    private OriginFailure(Throwable cause, boolean timeout) {
        super(cause);
        this.timeout = timeout;
    }

    /**
     * Wraps what went wrong while an origin was asked. Deliberate statuses and our own bugs are returned unchanged
     * (FC-04).
     */
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

    /** The CA pool to verify the origin with cannot be used, so the origin is not asked at all. */
    static OriginFailure unusableCaPool(IOException cause) {
        return new OriginFailure(new CertificateException("the CA pool cannot be used", cause), false);
    }

    /** Whether the origin did not answer in time. */
    boolean isTimeout() {
        return timeout;
    }

    /** Whether TLS failed or the origin's certificate was not accepted. */
    boolean isTls() {
        for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException || cause instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    /** A stable word for log and metrics. */
    String code() {
        if (timeout) {
            return "origin_timeout";
        }
        if (isTls()) {
            return "origin_certificate";
        }
        return getCause() instanceof Malformed
                        || getCause() instanceof Reset
                        || getCause() instanceof PrematureCloseException
                ? "origin_malformed"
                : "origin_unreachable";
    }

    /**
     * The visitor went away while sending the body. That ends the request to the origin, and would otherwise look like
     * the origin's failure.
     */
    static final class VisitorLeft extends RuntimeException {
        private final AbortedException aborted;

        VisitorLeft(AbortedException aborted) {
            super(null, aborted, false, false);
            this.aborted = aborted;
        }
    }

    /** The code by which a visitor's HTTP/2 stream is to be reset if the answer has begun there. */
    long resetCode() {
        return getCause() instanceof Reset reset ? reset.code : ResetCodes.INTERNAL_ERROR;
    }

    /** The origin has reset the stream of its answer. */
    static final class Reset extends RuntimeException {
        private final long code;

        Reset(long code) {
            super("the origin reset the stream", null, false, false);
            this.code = ResetCodes.passedOn(code);
        }
    }

    /** The origin's answer is not strictly valid HTTP. */
    static final class Malformed extends RuntimeException {
        Malformed(String message) {
            super(message, null, false, false);
        }
    }
}
