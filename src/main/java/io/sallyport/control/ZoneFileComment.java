package io.sallyport.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a zone file has no words for, in the comment behind a record: {@code ; the wiki cf_tags=cf-proxied:true,owner:web}.
 *
 * @param text an admin's comment, empty for none
 * @param proxied empty where nothing is said
 */
record ZoneFileComment(String text, Optional<Boolean> proxied, List<String> tags) {
    private static final String TAGS = "cf_tags=";
    private static final String PROXIED = "cf-proxied:";

    /** The comment of a record. */
    static ZoneFileComment of(ObjectNode view) {
        List<String> tags = new ArrayList<>();
        view.path("tags").forEach(tag -> tags.add(tag.asString()));
        return new ZoneFileComment(
                view.path("comment").asString(""),
                DnsRecordDraft.isOfHost(view.path("type").asString())
                        ? Optional.of(view.path("proxied").asBoolean(false))
                        : Optional.empty(),
                tags);
    }

    /** The comment at the end of a line. */
    static ZoneFileComment read(String line) {
        String comment = line.substring(begin(line)).strip();
        int at = comment.lastIndexOf(TAGS);
        if (at < 0) {
            return new ZoneFileComment(comment, Optional.empty(), List.of());
        }
        Optional<Boolean> proxied = Optional.empty();
        List<String> tags = new ArrayList<>();
        for (String tag : comment.substring(at + TAGS.length()).split(",", -1)) {
            if (tag.startsWith(PROXIED)) {
                proxied = Optional.of(tag.equals(PROXIED + "true"));
            } else if (!tag.isBlank()) {
                tags.add(tag.strip());
            }
        }
        return new ZoneFileComment(comment.substring(0, at).strip(), proxied, tags);
    }

    /** Where a line's comment begins, behind its semicolon; its end for none. */
    private static int begin(String line) {
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            switch (line.charAt(i)) {
                case '\\' -> i++;
                case '"' -> quoted = !quoted;
                case ';' -> {
                    if (!quoted) {
                        return i + 1;
                    }
                }
                default -> {}
            }
        }
        return line.length();
    }

    /** Puts what it says into a record. */
    void into(ObjectNode record) {
        if (!text.isEmpty()) {
            record.put("comment", text);
        }
        if (DnsRecordDraft.isOfHost(record.path("type").asString())) {
            proxied.ifPresent(value -> record.put("proxied", value));
        }
        if (!tags.isEmpty()) {
            var array = record.putArray("tags");
            tags.forEach(array::add);
        }
    }

    /** What stands behind a record in the file; empty for nothing. */
    String line() {
        List<String> all = new ArrayList<>();
        proxied.ifPresent(value -> all.add(PROXIED + value));
        all.addAll(tags);
        String said = all.isEmpty() ? text : (text + " " + TAGS + String.join(",", all)).strip();
        return said.isEmpty() ? "" : " ; " + said;
    }
}
