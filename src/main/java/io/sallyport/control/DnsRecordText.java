package io.sallyport.control;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The text of a record whose parts came one by one in {@code data}: the presentation form of its type (RFC 2782, RFC 8659, RFC
 * 1876, RFC 9460 and others), less the priority that {@code SRV} and {@code URI} have beside it. Clients wait for this text: it is
 * {@code content} in every answer.
 */
final class DnsRecordText {
    /** The parts by type, in order: {@code "x"} is quoted, {@code x.2} has two places behind the point. */
    private static final Map<String, List<String>> PARTS = Map.ofEntries(
            parts("SRV", "weight port target"),
            parts("URI", "weight \"target\""),
            parts("CAA", "flags tag \"value\""),
            parts("HTTPS", "priority target value"),
            parts("SVCB", "priority target value"),
            parts("DNSKEY", "flags protocol algorithm public_key"),
            parts("DS", "key_tag algorithm digest_type digest"),
            parts("TLSA", "usage selector matching_type certificate"),
            parts("SMIMEA", "usage selector matching_type certificate"),
            parts("SSHFP", "algorithm type fingerprint"),
            parts("CERT", "type key_tag algorithm certificate"),
            parts("NAPTR", "order preference \"flags\" \"service\" \"regex\" replacement"),
            parts(
                    "LOC",
                    "lat_degrees lat_minutes lat_seconds.3 lat_direction long_degrees long_minutes long_seconds.3"
                            + " long_direction altitude.2 size.2 precision_horz.2 precision_vert.2"));

    /** Parts that may look like numbers and are none. */
    private static final Set<String> TEXTS =
            Set.of("certificate", "digest", "fingerprint", "public_key", "replacement", "tag", "target", "value");

    /** Types whose last part is several words; of the others it is one that was broken up. */
    private static final Set<String> SPACED = Set.of("HTTPS", "SVCB");

    private static final Pattern WORD = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|\\S+");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,10}(\\.\\d{1,6})?");

    private DnsRecordText() {}

    private static Map.Entry<String, List<String>> parts(String type, String parts) {
        return Map.entry(type, Arrays.asList(parts.split(" ")));
    }

    /** The text; empty for a type that has no parts, or when one is missing. */
    static Optional<String> of(String type, ObjectNode data) {
        List<String> parts = PARTS.get(type);
        if (parts == null) {
            return Optional.empty();
        }
        List<Optional<String>> texts =
                parts.stream().map(part -> text(part, data)).toList();
        return texts.stream().allMatch(Optional::isPresent)
                ? Optional.of(texts.stream().map(Optional::orElseThrow).collect(Collectors.joining(" ")))
                : Optional.empty();
    }

    /**
     * Puts the text of a zone file into a record as the API is sent it: part by part where the type has parts, because clients wait for
     * them, otherwise as {@code content}.
     *
     * @param rdata the presentation form, with its priority where the type has one
     */
    static void into(ObjectNode record, String type, String rdata) {
        switch (type) {
            case "CNAME", "DNAME", "NS", "PTR" -> record.put("content", withoutDot(rdata));
            case "MX" -> {
                String[] parts = rdata.split(" ", 2);
                record.put("priority", Integer.parseInt(parts[0])).put("content", withoutDot(parts[1]));
            }
            case "SRV", "URI" -> {
                String[] parts = rdata.split(" ", 2);
                int priority = Integer.parseInt(parts[0]);
                record.put("priority", priority);
                data(record.putObject("data").put("priority", priority), type, parts[1]);
            }
            default -> {
                if (PARTS.containsKey(type)) {
                    data(record.putObject("data"), type, rdata);
                } else {
                    record.put("content", rdata);
                }
            }
        }
    }

    private static void data(ObjectNode data, String type, String text) {
        List<String> parts = Objects.requireNonNull(PARTS.get(type));
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(text);
        while (word.find()) {
            words.add(word.group());
        }
        for (int i = 0; i < parts.size(); i++) {
            boolean isLast = i == parts.size() - 1;
            List<String> own =
                    words.subList(Math.min(i, words.size()), isLast ? words.size() : Math.min(i + 1, words.size()));
            put(data, parts.get(i), String.join(isLast && SPACED.contains(type) ? " " : "", own));
        }
    }

    private static void put(ObjectNode data, String part, String word) {
        if (part.startsWith("\"")) {
            data.put(part.substring(1, part.length() - 1), word.replaceAll("^\"|\"$", ""));
            return;
        }
        String name = part.replaceFirst("\\..*", "");
        String text = part.equals(name) ? word : word.replaceFirst("m$", ""); // RFC 1876 §3: metres
        if (!TEXTS.contains(name) && NUMBER.matcher(text).matches()) {
            data.put(name, new BigDecimal(text));
        } else {
            data.put(name, withoutDot(text));
        }
    }

    /** A whole name as the API spells it. */
    static String withoutDot(String name) {
        return name.length() > 1 && name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static Optional<String> text(String part, ObjectNode data) {
        if (part.startsWith("\"")) {
            return plain(data.get(part.substring(1, part.length() - 1))).map(text -> '"' + text + '"');
        }
        int places = part.indexOf('.');
        if (places < 0) {
            return plain(data.get(part));
        }
        return number(data.get(part.substring(0, places)))
                .map(number -> number.setScale(Integer.parseInt(part.substring(places + 1)), RoundingMode.HALF_UP)
                        .toPlainString());
    }

    /** Flags and the like come as numbers or as texts; {@code 5.0} is five. */
    private static Optional<String> plain(@Nullable JsonNode value) {
        if (value != null && value.isString()) {
            return Optional.of(value.stringValue());
        }
        return number(value).map(number -> number.stripTrailingZeros().toPlainString());
    }

    private static Optional<BigDecimal> number(@Nullable JsonNode value) {
        return value != null && value.isNumber() ? Optional.of(value.decimalValue()) : Optional.empty();
    }
}
