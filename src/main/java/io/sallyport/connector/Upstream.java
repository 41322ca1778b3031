package io.sallyport.connector;

import io.netty.handler.codec.http.HttpContent;

/** Receives a request's body and produces its response: an origin, or something in its place. Used on the exchange's thread only. */
interface Upstream {
    /** Receives a piece of the request's body, and takes over its ownership. */
    void content(HttpContent content);

    /** No further pieces are available at the moment. */
    void flush();

    /** Whether it can take more of the body. When this becomes true, it calls {@link Exchange#more}. */
    boolean isReady();

    /** The edge can take more of the response again. */
    void edgeWritable();

    /** The edge no longer waits for the response. */
    void edgeGone();
}
