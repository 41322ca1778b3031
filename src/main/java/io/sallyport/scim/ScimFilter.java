package io.sallyport.scim;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The filters directories really send (RFC 7644 §3.4.2.2): {@code eq} on one attribute, several joined by {@code and}.
 * Anything else is refused, because a misread filter would return the wrong person.
 *
 * @param equal wanted values by attribute in lower case
 */
record ScimFilter(Map<String, String> equal) {
    private static final Pattern TERM = Pattern.compile(
            "\\s*([A-Za-z][\\w.:$-]*(?:\\[type eq \"[^\"]*\"\\](?:\\.\\w+)?)?)\\s+[eE][qQ]\\s+(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(true|false))\\s*");
    private static final Pattern AND = Pattern.compile("[aA][nN][dD]\\s");
    private static final int LONGEST = 2000;

    /** Reads one. */
    static ScimFilter parse(String text) {
        Map<String, String> equal = new LinkedHashMap<>();
        Matcher term = TERM.matcher(text);
        int at = 0;
        while (true) {
            if (text.length() > LONGEST || !term.region(at, text.length()).lookingAt()) {
                throw ScimProblem.filter("only eq is supported, several joined by and");
            }
            String value = term.group(2) == null ? term.group(3) : term.group(2).replaceAll("\\\\(.)", "$1");
            if (equal.put(attribute(term.group(1)), value) != null) {
                throw ScimProblem.filter("one attribute twice");
            }
            at = term.end();
            if (at == text.length()) {
                return new ScimFilter(equal);
            }
            Matcher and = AND.matcher(text).region(at, text.length());
            if (!and.lookingAt()) {
                throw ScimProblem.filter("only eq is supported, several joined by and");
            }
            at = and.end();
        }
    }

    /** Without schema and without the type in brackets: {@code emails[type eq "work"].value} is {@code emails.value}. */
    private static String attribute(String written) {
        String name = written.replaceAll("^urn:[^ ]*:(?=[A-Za-z])", "").replaceAll("\\[[^\\]]*\\]", "");
        return name.toLowerCase(Locale.ROOT);
    }
}
