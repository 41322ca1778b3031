package io.sallyport.snapshot;

/** Listens to another channel of database notices, over the connection of {@link ConfigListener}. */
public interface NoticeListener {
    /** The channel of NOTIFY, an SQL identifier. */
    String channel();

    /** There was a notice, or one may have been lost. Must not block. */
    void noticed();
}
