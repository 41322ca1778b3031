package io.sallyport.connector;

/**
 * Written to a stream whose response has begun and cannot be completed: the edge must see that it is broken, not take it for a short
 * one.
 */
enum StreamAbort {
    INSTANCE
}
