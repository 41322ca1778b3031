package io.sallyport.audit.chain;

/**
 * One thing that is wrong with an export.
 *
 * @param line of the file, from 1
 * @param position of the record it is about; 0 when it is about none
 * @param message for a person, with the position in it
 */
public record Finding(Kind kind, long line, long position, String message) {
    /** What was done to the trail. */
    public enum Kind {
        CHANGED,
        REMOVED,
        REORDERED,
        INSERTED,
        TRUNCATED,
        FORGED,
        UNREADABLE
    }
}
