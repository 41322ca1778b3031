package io.sallyport.liquid;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A piece of a compiled template. */
sealed interface Node {
    /** Stands as it was written. */
    record Text(String text) implements Node {}

    /** A value. */
    record Output(Operand operand, List<Filter> filters) implements Node {
        public Output {
            filters = List.copyOf(filters);
        }

        String value(Map<String, String> values) {
            String value = operand.value(values);
            for (Filter filter : filters) {
                value = filter.apply(value);
            }
            return value == null ? "" : value;
        }
    }

    /** The first branch whose condition holds. */
    record Choice(List<Branch> branches) implements Node {
        public Choice {
            branches = List.copyOf(branches);
        }
    }

    /** One way of a choice. */
    record Branch(Condition condition, List<Node> nodes) {
        public Branch {
            nodes = List.copyOf(nodes);
        }
    }

    /** What a value comes from. */
    sealed interface Operand {
        @Nullable
        String value(Map<String, String> values);

        /** Something the page is told. */
        record Name(String name) implements Operand {
            @Override
            public @Nullable String value(Map<String, String> values) {
                return values.get(name);
            }
        }

        /** A text between quotes. */
        record Literal(String text) implements Operand {
            @Override
            public String value(Map<String, String> values) {
                return text;
            }
        }
    }

    /** Changes a value before it is escaped. */
    sealed interface Filter {
        @Nullable
        String apply(@Nullable String value);

        /** For who is used to writing it: everything is escaped anyway. */
        record Escape() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value;
            }
        }

        /** Upper case. */
        record Upcase() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value == null ? null : value.toUpperCase(Locale.ROOT);
            }
        }

        /** Lower case. */
        record Downcase() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value == null ? null : value.toLowerCase(Locale.ROOT);
            }
        }

        /** Without white space at its ends. */
        record Strip() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value == null ? null : value.strip();
            }
        }

        /** Another text when there is none. */
        record Default(String text) implements Filter {
            @Override
            public String apply(@Nullable String value) {
                return value == null || value.isEmpty() ? text : value;
            }
        }
    }

    /** Something that holds or does not. */
    sealed interface Condition {
        boolean test(Map<String, String> values);

        /** The way that is left. */
        record Otherwise() implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return true;
            }
        }

        /** There is a value. */
        record Present(Operand operand) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return operand.value(values) != null;
            }
        }

        /** Two values are the same. */
        record Equal(Operand left, Operand right) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return Objects.equals(left.value(values), right.value(values));
            }
        }

        /** The contrary. */
        record Not(Condition condition) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return !condition.test(values);
            }
        }

        /** Both. */
        record And(Condition left, Condition right) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return left.test(values) && right.test(values);
            }
        }

        /** At least one. */
        record Or(Condition left, Condition right) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return left.test(values) || right.test(values);
            }
        }
    }
}
