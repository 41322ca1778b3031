package io.sallyport.liquid;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A compiled template. It supports {@code {{ name }}} with the filters {@code upcase}, {@code downcase}, {@code strip},
 * {@code escape} and {@code default: "text"}; {@code {% if %} … {% elsif %} … {% else %} … {% endif %}} and {@code unless} over
 * names and comparisons with texts, joined by {@code and} and {@code or}; {@code comment} and {@code raw}; dashes that remove white
 * space. Every value is escaped for HTML text and for quoted attributes. Immutable.
 */
public final class Template {
    private final List<Node> nodes;
    private final Set<String> names;

    private Template(List<Node> nodes, Set<String> names) {
        this.nodes = nodes;
        this.names = names;
    }

    /**
     * Compiles a template.
     *
     * @throws TemplateProblem for an unknown tag or filter, or invalid nesting
     */
    public static Template parse(String text) throws TemplateProblem {
        Set<String> names = new TreeSet<>();
        List<Node> nodes = new TemplateParser(text, names).parse();
        return new Template(nodes, Set.copyOf(names));
    }

    /** The names of all variables in it. */
    public Set<String> names() {
        return names;
    }

    /** Renders the page with these values. A variable without a value is empty, and false in a condition. */
    public String render(Map<String, String> values) {
        StringBuilder page = new StringBuilder();
        render(nodes, values, page);
        return page.toString();
    }

    private static void render(List<Node> nodes, Map<String, String> values, StringBuilder page) {
        for (Node node : nodes) {
            switch (node) {
                case Node.Text(String text) -> page.append(text);
                case Node.Output output -> escape(output.value(values), page);
                case Node.Choice(List<Node.Branch> branches) ->
                    branches.stream()
                            .filter(branch -> branch.condition().test(values))
                            .findFirst()
                            .ifPresent(branch -> render(branch.nodes(), values, page));
            }
        }
    }

    private static void escape(String value, StringBuilder page) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> page.append("&amp;");
                case '<' -> page.append("&lt;");
                case '>' -> page.append("&gt;");
                case '"' -> page.append("&quot;");
                case '\'' -> page.append("&#39;");
                case '`' -> page.append("&#96;");
                case '=' -> page.append("&#61;");
                default -> page.append(c);
            }
        }
    }
}
