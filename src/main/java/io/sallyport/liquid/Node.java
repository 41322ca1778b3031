package io.sallyport.liquid;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A piece of a compiled template. */
sealed interface Node {
    /** Text that is copied unchanged. */
    record Text(String text) implements Node {}

    /** A value, with its filters applied, and escaped. */
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

    /** An if or unless: renders the first branch whose condition holds. */
    record Choice(List<Branch> branches) implements Node {
        public Choice {
            branches = List.copyOf(branches);
        }
    }

    /** One branch of a choice. */
    record Branch(Condition condition, List<Node> nodes) {
        public Branch {
            nodes = List.copyOf(nodes);
        }
    }

    /** The source of a value. */
    sealed interface Operand {
        @Nullable
        String value(Map<String, String> values);

        /** A variable of the page. */
        record Name(String name) implements Operand {
            @Override
            public @Nullable String value(Map<String, String> values) {
                return values.get(name);
            }
        }

        /** A quoted text. */
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

        /** Does nothing, because every value is escaped anyway; accepted because authors of Liquid are used to it. */
        record Escape() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value;
            }
        }

        /** Converts to upper case. */
        record Upcase() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value == null ? null : value.toUpperCase(Locale.ROOT);
            }
        }

        /** Converts to lower case. */
        record Downcase() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value == null ? null : value.toLowerCase(Locale.ROOT);
            }
        }

        /** Removes white space at both ends. */
        record Strip() implements Filter {
            @Override
            public @Nullable String apply(@Nullable String value) {
                return value == null ? null : value.strip();
            }
        }

        /** Replaces an empty value. */
        record Default(String text) implements Filter {
            @Override
            public String apply(@Nullable String value) {
                return value == null || value.isEmpty() ? text : value;
            }
        }
    }

    /** A condition of a branch. */
    sealed interface Condition {
        boolean test(Map<String, String> values);

        /** Always true: the else branch. */
        record Otherwise() implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return true;
            }
        }

        /** Whether there is a value. */
        record Present(Operand operand) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return operand.value(values) != null;
            }
        }

        /** Whether two values are equal. */
        record Equal(Operand left, Operand right) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return Objects.equals(left.value(values), right.value(values));
            }
        }

        /** Negation. */
        record Not(Condition condition) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return !condition.test(values);
            }
        }

        /** Whether both conditions hold. */
        record And(Condition left, Condition right) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return left.test(values) && right.test(values);
            }
        }

        /** Whether at least one condition holds. */
        record Or(Condition left, Condition right) implements Condition {
            @Override
            public boolean test(Map<String, String> values) {
                return left.test(values) || right.test(values);
            }
        }
    }
}
