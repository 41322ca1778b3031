package io.sallyport.snapshot;

/** Wants to hear when something beside the configuration changed in the database, over the one connection that listens. */
public interface NoticeListener {
    /** The channel of NOTIFY, an SQL identifier. */
    String channel();

    /** Somebody announced a change, or an announcement may have been lost; must be quick and wait for nothing. */
    void noticed();
}
