package io.sallyport.tunnel;

import io.sallyport.http.ResetCodes;

/** A request could not be carried through a tunnel; the kind says where the fault lies. */
public final class TunnelFailure extends RuntimeException {
    /** What went wrong, and at which end. */
    public enum Kind {
        /** No connector of the tunnel is connected to any replica. */
        NO_CONNECTOR,
        /** Nothing was sent: the connection is closed or takes no more requests. Another one may be tried. */
        NOT_SENT,
        /** The connection, or the stream on it, ended before the answer did. */
        LOST,
        /** The connector got no answer from the origin. */
        ORIGIN,
        /** The connector reports that it has too many flows. */
        BUSY,
        /** The answer is malformed and must not be passed on. */
        MALFORMED
    }

    private final Kind kind;
    private final long resetCode;

    TunnelFailure(Kind kind, String message) {
        this(kind, message, ResetCodes.INTERNAL_ERROR);
    }

    private TunnelFailure(Kind kind, String message, long resetCode) {
        super(message, null, false, false);
        this.kind = kind;
        this.resetCode = resetCode;
    }

    /**
     * There is no connection to send a request over.
     *
     * @param isUntried whether the request was not tried anywhere, because no connection exists
     */
    public static TunnelFailure noConnector(boolean isUntried) {
        return new TunnelFailure(
                Kind.NO_CONNECTOR, isUntried ? "no connector is connected" : "none of the connections takes requests");
    }

    /** Nothing of a request was sent. */
    static TunnelFailure notSent(String why) {
        return new TunnelFailure(Kind.NOT_SENT, why);
    }

    /** The stream ended before the answer did. */
    static TunnelFailure lost(String why) {
        return new TunnelFailure(Kind.LOST, why);
    }

    /** The connector ended the stream by a reset with this code. */
    static TunnelFailure reset(long code) {
        return new TunnelFailure(Kind.LOST, "the connector reset the stream", ResetCodes.passedOn(code));
    }

    /** The connector got no answer from the origin. */
    static TunnelFailure unanswered() {
        return new TunnelFailure(Kind.ORIGIN, "the connector got no answer from the origin");
    }

    /** The connector has too many flows. */
    static TunnelFailure busy() {
        return new TunnelFailure(Kind.BUSY, "the connector carries too many flows");
    }

    /** @param what the connector sent, without any of its bytes */
    static TunnelFailure malformed(String what) {
        return new TunnelFailure(Kind.MALFORMED, "the connector sent " + what);
    }

    /** The stream ended before the answer did. */
    public static TunnelFailure lost() {
        return lost("the stream ended early");
    }

    /** What happened, for operators. */
    @Override
    public String getMessage() {
        return String.valueOf(super.getMessage());
    }

    /** The code by which a visitor's HTTP/2 stream is to be reset if the answer has begun there. */
    public long resetCode() {
        return resetCode;
    }

    /** Where the fault lies. */
    public Kind kind() {
        return kind;
    }
}
