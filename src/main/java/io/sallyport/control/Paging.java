package io.sallyport.control;

/**
 * Which part of a list is asked for.
 *
 * @param page from 1
 * @param perPage at most 1000
 */
record Paging(int page, int perPage) {
    static final int DEFAULT_PER_PAGE = 25;
    static final int MAX_PER_PAGE = 1000;

    /** The last page anyone may ask for; offsets stay within what the database driver counts. */
    static final int LAST_PAGE = 2_000_000;

    /** How many items come before this page. */
    long offset() {
        return (page - 1L) * perPage;
    }
}
