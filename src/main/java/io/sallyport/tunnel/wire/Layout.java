package io.sallyport.tunnel.wire;

/**
 * The size of a Cap'n Proto struct.
 *
 * @param words of data
 * @param pointers behind them
 */
record Layout(int words, int pointers) {}
