package io.sallyport.control;

import java.util.List;
import java.util.function.Function;

/**
 * One page of a list.
 *
 * @param total how many there are on all pages
 * @param isLeast whether counting stopped there, so that there are more
 */
record Paged<T>(Paging paging, List<T> items, long total, boolean isLeast) {
    /** A page of a list that was counted to its end. */
    Paged(Paging paging, List<T> items, long total) {
        this(paging, items, total, false);
    }

    /** Copies the items. */
    Paged {
        items = List.copyOf(items);
    }

    /** Cuts one page out of a whole list. */
    static <T> Paged<T> cut(Paging paging, List<T> all) {
        int from = (int) Math.min(paging.offset(), all.size());
        int to = (int) Math.min(paging.offset() + paging.perPage(), all.size());
        return new Paged<>(paging, all.subList(from, to), all.size());
    }

    /** The same page of something else. */
    <R> Paged<R> map(Function<T, R> function) {
        return new Paged<>(paging, items.stream().map(function).toList(), total, isLeast);
    }

    /** How many pages there are. */
    long totalPages() {
        return (total + paging.perPage() - 1) / paging.perPage();
    }
}
