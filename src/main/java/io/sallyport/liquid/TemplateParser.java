package io.sallyport.liquid;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Parses a template in one pass. */
final class TemplateParser {
    private static final int DEEPEST = 20;
    /** The longest end tag. Without this limit the search for it would take quadratic time in a long template. */
    private static final int LONGEST_END = 200;

    private final String text;
    private final Set<String> names;
    private final Deque<Frame> open = new ArrayDeque<>();
    private List<Node> current = new ArrayList<>();
    private int position;
    private boolean trimNext;
    private int start;
    private int counted;
    private int line = 1;

    TemplateParser(String text, Set<String> names) {
        this.text = text;
        this.names = names;
    }

    /** A choice whose end tag has not been read yet. */
    private static final class Frame {
        final String tag;
        final int line;
        final List<Node> outside;
        final List<Node.Branch> branches = new ArrayList<>();
        Node.Condition condition;
        boolean last;

        Frame(String tag, int line, List<Node> outside, Node.Condition condition) {
            this.tag = tag;
            this.line = line;
            this.outside = outside;
            this.condition = condition;
        }
    }

    List<Node> parse() throws TemplateProblem {
        while (position < text.length()) {
            int next = nextMark();
            text(text.substring(position, next), next < text.length() && text.startsWith("-", next + 2));
            position = next;
            if (next < text.length()) {
                mark();
            }
        }
        Frame unended = open.peek();
        if (unended != null) {
            throw new TemplateProblem(unended.line, unended.tag + " has no end" + unended.tag);
        }
        return List.copyOf(current);
    }

    private int nextMark() {
        for (int i = text.indexOf('{', position); i >= 0; i = text.indexOf('{', i + 1)) {
            if (text.startsWith("{{", i) || text.startsWith("{%", i)) {
                return i;
            }
        }
        return text.length();
    }

    private void text(String piece, boolean trimmedAfter) {
        String kept = trimNext ? piece.stripLeading() : piece;
        kept = trimmedAfter ? kept.stripTrailing() : kept;
        trimNext = false;
        if (!kept.isEmpty()) {
            current.add(new Node.Text(kept));
        }
    }

    private void mark() throws TemplateProblem {
        boolean output = text.charAt(position + 1) == '{';
        String inner = inner(output ? "}}" : "%}");
        if (output) {
            current.add(new ExpressionParser(inner, line(), names).output());
        } else {
            tag(inner);
        }
    }

    /** Returns the contents of a tag, and moves behind it. */
    private String inner(String closing) throws TemplateProblem {
        int end = text.indexOf(closing, position + 2);
        if (end < 0) {
            throw new TemplateProblem(line(), "no " + closing);
        }
        String inner = text.substring(position + 2, end);
        if (inner.startsWith("-")) {
            inner = inner.substring(1);
        }
        trimNext = inner.endsWith("-");
        if (trimNext) {
            inner = inner.substring(0, inner.length() - 1);
        }
        start = position;
        position = end + 2;
        return inner.strip();
    }

    private void tag(String inner) throws TemplateProblem {
        int space = 0;
        while (space < inner.length() && !Character.isWhitespace(inner.charAt(space))) {
            space++;
        }
        String name = inner.substring(0, space);
        String rest = inner.substring(space).strip();
        switch (name) {
            case "if" -> begin(name, condition(rest));
            case "unless" -> begin(name, new Node.Condition.Not(condition(rest)));
            case "elsif" -> branch(condition(rest), false);
            case "else" -> branch(new Node.Condition.Otherwise(), true);
            case "endif" -> end("if");
            case "endunless" -> end("unless");
            case "comment" -> until("endcomment");
            case "raw" -> text(until("endraw"), false);
            default -> throw new TemplateProblem(line(), "there is no tag " + shown(name));
        }
    }

    private Node.Condition condition(String rest) throws TemplateProblem {
        return new ExpressionParser(rest, line(), names).condition();
    }

    private void begin(String tag, Node.Condition condition) throws TemplateProblem {
        if (open.size() == DEEPEST) {
            throw new TemplateProblem(line(), "is nested too deeply");
        }
        open.push(new Frame(tag, line(), current, condition));
        current = new ArrayList<>();
    }

    private void branch(Node.Condition condition, boolean last) throws TemplateProblem {
        Frame frame = open.peek();
        if (frame == null || frame.last) {
            throw new TemplateProblem(line(), "elsif or else without an if, or after an else");
        }
        frame.branches.add(new Node.Branch(frame.condition, current));
        frame.condition = condition;
        frame.last = last;
        current = new ArrayList<>();
    }

    private void end(String tag) throws TemplateProblem {
        Frame frame = open.peek();
        if (frame == null || !frame.tag.equals(tag)) {
            throw new TemplateProblem(line(), "end" + tag + " ends nothing");
        }
        open.pop();
        frame.branches.add(new Node.Branch(frame.condition, current));
        current = frame.outside;
        current.add(new Node.Choice(frame.branches));
    }

    /** Returns the text up to a closing tag, and moves behind that. */
    private String until(String closing) throws TemplateProblem {
        int from = position;
        int begun = line();
        for (int i = text.indexOf("{%", from); i >= 0; i = text.indexOf("{%", i + 2)) {
            position = i;
            if (closing.equals(tagAt(i))) {
                inner("%}");
                return text.substring(from, i);
            }
        }
        throw new TemplateProblem(begun, "no " + closing);
    }

    private @Nullable String tagAt(int at) {
        int end = text.indexOf("%}", at, Math.min(text.length(), at + LONGEST_END));
        if (end < 0) {
            return null;
        }
        String inner = text.substring(at + 2, end);
        inner = inner.startsWith("-") ? inner.substring(1) : inner;
        inner = inner.endsWith("-") ? inner.substring(0, inner.length() - 1) : inner;
        return inner.strip();
    }

    /** The current line. Continues from the last count, so that all calls together read the template once. */
    private int line() {
        for (; counted < start; counted++) {
            if (text.charAt(counted) == '\n') {
                line++;
            }
        }
        return line;
    }

    private static String shown(String name) {
        return name.length() > 40 ? name.substring(0, 40) + "…" : name;
    }
}
