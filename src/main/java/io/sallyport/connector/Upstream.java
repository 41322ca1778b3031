package io.sallyport.connector;

import io.netty.handler.codec.http.HttpContent;

/** Who takes a request's body and gives its response: an origin, or something that stands for one. All on the exchange's thread. */
interface Upstream {
    /** A piece of the request's body; owned from here on. */
    void content(HttpContent content);

    /** No more pieces for now. */
    void flush();

    /** Whether more of the body is welcome. When that changes to yes, {@link Exchange#more} is called. */
    boolean isReady();

    /** The edge takes more of the response again. */
    void edgeWritable();

    /** Nobody waits for the response any more. */
    void edgeGone();
}
