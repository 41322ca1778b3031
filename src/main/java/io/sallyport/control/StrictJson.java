package io.sallyport.control;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads request bodies without guessing (AD-04, AD-08): valid UTF-8, one object, no repeated member, at most 32 levels, nothing
 * behind it, and only text and numbers that can be stored and returned unchanged.
 */
final class StrictJson {
    /** The largest body. */
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 32;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(100)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private StrictJson() {}

    /** Reads a body; an empty one is {@code {}}, because clients send action calls bare. */
    static ObjectNode readObject(byte[] body) {
        String text = decode(body);
        if (text.isBlank()) {
            return MAPPER.createObjectNode();
        }
        if (!(parse(text) instanceof ObjectNode object)) {
            throw ApiProblem.invalid("", "the body must be a JSON object");
        }
        refuseUnstorable(object, "");
        return object;
    }

    /** Reads a body that is a list; an empty one is {@code []}. */
    static ArrayNode readArray(byte[] body) {
        String text = decode(body);
        if (text.isBlank()) {
            return MAPPER.createArrayNode();
        }
        if (!(parse(text) instanceof ArrayNode array)) {
            throw ApiProblem.invalid("", "the body must be a JSON array");
        }
        refuseUnstorable(array, "");
        return array;
    }

    private static String decode(byte[] body) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(body))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ApiProblem.invalid("", "the body is not valid UTF-8");
        }
    }

    /** The parser's own messages quote the input, which may hold a secret; only the position is passed on. */
    private static JsonNode parse(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (StreamConstraintsException e) {
            throw ApiProblem.invalid(
                    "", "the body is nested deeper than " + MAX_DEPTH + " levels, or holds an endless number");
        } catch (JacksonException e) {
            if (String.valueOf(e.getOriginalMessage()).startsWith("Duplicate")) {
                throw ApiProblem.invalid(place(e), "a member is repeated" + position(e));
            }
            throw ApiProblem.invalid("", "the body is not JSON" + position(e));
        }
    }

    /** Where the parser stood; the name of a member is no secret. */
    private static String place(JacksonException e) {
        return e.processor() instanceof JsonParser parser
                ? parser.streamReadContext().pathAsPointer().toString()
                : "";
    }

    private static String position(JacksonException e) {
        return e.getLocation() == null
                ? ""
                : " at line " + e.getLocation().getLineNr() + ", column "
                        + e.getLocation().getColumnNr();
    }

    /** PostgreSQL's jsonb holds neither NUL characters nor lone surrogates nor numbers without end. */
    private static void refuseUnstorable(JsonNode node, String pointer) {
        switch (node) {
            case ObjectNode object ->
                object.properties().forEach(member -> {
                    requireStorable(member.getKey(), pointer);
                    refuseUnstorable(member.getValue(), pointer + "/" + escape(member.getKey()));
                });
            default -> {
                for (int i = 0; i < node.size(); i++) {
                    refuseUnstorable(node.get(i), pointer + "/" + i);
                }
                if (node.isString()) {
                    requireStorable(node.stringValue(), pointer);
                } else if (node.isNumber() && !isModest(node)) {
                    throw ApiProblem.invalid(pointer, "is a number out of range");
                }
            }
        }
    }

    private static boolean isModest(JsonNode number) {
        return Math.abs((long) number.decimalValue().scale()) < 400 && Double.isFinite(number.doubleValue());
    }

    private static void requireStorable(@Nullable String text, String pointer) {
        if (text != null
                && !text.codePoints()
                        .allMatch(c -> c != 0 && (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE))) {
            throw ApiProblem.invalid(pointer, "holds a character that is no text");
        }
    }

    /** One step of a JSON pointer (RFC 6901 §3). */
    static String escape(String member) {
        return member.replace("~", "~0").replace("/", "~1");
    }
}
