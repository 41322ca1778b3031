package io.sallyport.tunnel.wire;

/**
 * How large a Cap'n Proto struct is.
 *
 * @param words of data
 * @param pointers behind them
 */
record Layout(int words, int pointers) {}
