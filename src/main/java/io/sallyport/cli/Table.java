package io.sallyport.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Columns for people: a heading in capitals, each column as wide as its widest cell. */
final class Table {
    private final List<String[]> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(Arrays.stream(headings)
                .map(heading -> heading.toUpperCase(Locale.ROOT))
                .toArray(String[]::new));
    }

    /** Adds a row; as many cells as there are headings. */
    Table row(String... cells) {
        rows.add(cells.clone());
        return this;
    }

    void print(PrintStream out) {
        int[] widths = new int[rows.getFirst().length];
        rows.forEach(row -> Arrays.setAll(widths, i -> Math.max(widths[i], row[i].length())));
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.length; i++) {
                line.append(row[i]).repeat(' ', widths[i] - row[i].length() + 2);
            }
            Printable.line(out, line.toString().stripTrailing());
        }
    }
}
