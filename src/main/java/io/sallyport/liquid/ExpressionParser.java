package io.sallyport.liquid;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses the contents of a tag: values with filters, and conditions. */
final class ExpressionParser {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s*+(?:(?<text>\"[^\"]*+\"|'[^']*+')|(?<word>[A-Za-z_][A-Za-z0-9_.-]*+)|(?<sign>==|!=|[|:]))");
    /** Longest expression. It also limits the depth of the tree, and so the recursion. */
    private static final int MOST_TOKENS = 100;

    private final List<String> tokens = new ArrayList<>();
    private final int line;
    private final Set<String> names;
    private int next;

    ExpressionParser(String text, int line, Set<String> names) throws TemplateProblem {
        this.line = line;
        this.names = names;
        Matcher matcher = TOKEN.matcher(text);
        int end = 0;
        while (end < text.length() && matcher.find(end) && matcher.start() == end && tokens.size() < MOST_TOKENS) {
            tokens.add(matcher.group().strip());
            end = matcher.end();
        }
        if (!text.substring(end).isBlank()) {
            throw problem("cannot read " + text.substring(end, Math.min(text.length(), end + 40)));
        }
    }

    /** A value with its filters. */
    Node.Output output() throws TemplateProblem {
        Node.Operand operand = operand();
        List<Node.Filter> filters = new ArrayList<>();
        while (take("|")) {
            filters.add(filter());
        }
        end();
        return new Node.Output(operand, filters);
    }

    /** Joined from the right, as Liquid does: {@code a and b or c} is {@code a and (b or c)}. */
    Node.Condition condition() throws TemplateProblem {
        Node.Condition condition = joined();
        end();
        return condition;
    }

    private Node.Condition joined() throws TemplateProblem {
        Node.Condition left = comparison();
        if (take("and")) {
            return new Node.Condition.And(left, joined());
        }
        if (take("or")) {
            return new Node.Condition.Or(left, joined());
        }
        return left;
    }

    private Node.Condition comparison() throws TemplateProblem {
        Node.Operand left = operand();
        if (take("==")) {
            return new Node.Condition.Equal(left, operand());
        }
        if (take("!=")) {
            return new Node.Condition.Not(new Node.Condition.Equal(left, operand()));
        }
        return new Node.Condition.Present(left);
    }

    private Node.Filter filter() throws TemplateProblem {
        String name = word("the name of a filter");
        return switch (name) {
            case "escape", "escape_once" -> new Node.Filter.Escape();
            case "upcase" -> new Node.Filter.Upcase();
            case "downcase" -> new Node.Filter.Downcase();
            case "strip" -> new Node.Filter.Strip();
            case "default" -> {
                if (!take(":") || !(operand() instanceof Node.Operand.Literal(String text))) {
                    throw problem("default needs a text in quotes");
                }
                yield new Node.Filter.Default(text);
            }
            default -> throw problem("there is no filter " + name);
        };
    }

    private Node.Operand operand() throws TemplateProblem {
        String token = word("a name or a text in quotes");
        char first = token.charAt(0);
        if (first == '"' || first == '\'') {
            return new Node.Operand.Literal(token.substring(1, token.length() - 1));
        }
        if (!Character.isLetter(first) && first != '_') {
            throw problem("a name or a text in quotes is missing before " + token);
        }
        names.add(token);
        return new Node.Operand.Name(token);
    }

    private String word(String what) throws TemplateProblem {
        if (next == tokens.size()) {
            throw problem(what + " is missing");
        }
        return tokens.get(next++);
    }

    private boolean take(String token) {
        if (next < tokens.size() && tokens.get(next).equals(token)) {
            next++;
            return true;
        }
        return false;
    }

    private void end() throws TemplateProblem {
        if (next < tokens.size()) {
            throw problem("something is missing before " + tokens.get(next));
        }
    }

    private TemplateProblem problem(String why) {
        return new TemplateProblem(line, why);
    }
}
