package io.sallyport.gateway;

import io.sallyport.http.RequestContext;
import io.sallyport.snapshot.Application;
import org.jspecify.annotations.Nullable;
import org.springframework.web.server.ServerWebExchange;

/**
 * What the access log will say about one request, gathered on the way. Written by the filters in turn, never by two threads at
 * once, because the stages of an exchange follow each other.
 */
final class AccessRecord {
    private static final String ATTRIBUTE = AccessRecord.class.getName();

    private final String ray;
    private final int httpVersion;
    private final long startNanos = System.nanoTime();
    private @Nullable RequestContext context;
    private @Nullable Application application;
    private String decision = "none";
    private @Nullable String reason;
    private @Nullable String policy;
    private @Nullable String identity;
    private @Nullable String decisionId;
    private @Nullable Destination destination;
    private long upstreamStartNanos;
    private boolean upstreamAsked;
    private long upstreamNanos = -1;
    private long bytesOut;
    private boolean answerBegun;
    private boolean answerEnded;
    private @Nullable String failure;

    private AccessRecord(String ray, int httpVersion) {
        this.ray = ray;
        this.httpVersion = httpVersion;
    }

    static AccessRecord begin(ServerWebExchange exchange, String ray, int httpVersion) {
        AccessRecord record = new AccessRecord(ray, httpVersion);
        exchange.getAttributes().put(ATTRIBUTE, record);
        return record;
    }

    static AccessRecord of(ServerWebExchange exchange) {
        return exchange.getRequiredAttribute(ATTRIBUTE);
    }

    static @Nullable AccessRecord find(ServerWebExchange exchange) {
        return exchange.getAttribute(ATTRIBUTE);
    }

    void context(RequestContext value) {
        context = value;
    }

    void application(Application value) {
        application = value;
    }

    /** A word for what the gate did, and why. */
    void outcome(String word, String why) {
        decision = word;
        reason = why;
    }

    void policy(@Nullable String name) {
        policy = name;
    }

    /** The person's e-mail or the service token's client id: never a secret. */
    void identity(String who) {
        identity = who;
    }

    /** The id under which the decision and its tree are stored. */
    void decisionId(String id) {
        decisionId = id;
    }

    void upstreamStarts(Destination to) {
        destination = to;
        upstreamStartNanos = System.nanoTime();
    }

    /** A connection is established and the request is being sent on it. */
    void upstreamAsked() {
        upstreamAsked = true;
    }

    /** Whether the origin may have seen something of the request. */
    boolean isUpstreamAsked() {
        return upstreamAsked;
    }

    /** The origin's first byte arrived. */
    void upstreamAnswered() {
        if (upstreamNanos < 0 && upstreamStartNanos != 0) {
            upstreamNanos = System.nanoTime() - upstreamStartNanos;
        }
    }

    void sent(int bytes) {
        bytesOut += bytes;
    }

    /** From here on the answer is an origin's, which the visitor gets as it arrives. */
    void answerBegins() {
        answerBegun = true;
    }

    /** Nothing more of it will come. */
    void answerEnds() {
        answerEnded = true;
    }

    boolean hasAnswerBegun() {
        return answerBegun;
    }

    boolean hasAnswerEnded() {
        return answerEnded;
    }

    void failure(String what) {
        failure = what;
    }

    String ray() {
        return ray;
    }

    int httpVersion() {
        return httpVersion;
    }

    long elapsedNanos() {
        return System.nanoTime() - startNanos;
    }

    @Nullable
    RequestContext context() {
        return context;
    }

    @Nullable
    Application application() {
        return application;
    }

    String decision() {
        return decision;
    }

    @Nullable
    String reason() {
        return reason;
    }

    @Nullable
    String policy() {
        return policy;
    }

    @Nullable
    String identity() {
        return identity;
    }

    @Nullable
    String decisionId() {
        return decisionId;
    }

    /** Where it was sent; null when it was sent nowhere. */
    @Nullable
    Destination destination() {
        return destination;
    }

    /** Nanoseconds until the origin's first byte, -1 when no origin answered. */
    long upstreamNanos() {
        return upstreamNanos;
    }

    long bytesOut() {
        return bytesOut;
    }

    @Nullable
    String failure() {
        return failure;
    }
}
