package io.sallyport.connector;

/** Written to a stream whose response has begun and cannot be ended well: the edge must see a broken one, not a short one. */
enum StreamAbort {
    INSTANCE
}
