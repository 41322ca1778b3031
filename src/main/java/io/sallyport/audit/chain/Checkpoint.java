package io.sallyport.audit.chain;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the server signs: that the chain ended here at that time. In an export it stands on a line of its own.
 *
 * @param end whether it is the end mark of an export, so that a file cut off at an earlier checkpoint is not whole
 */
public record Checkpoint(Link link, Instant at, boolean end) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String MEMBER = "checkpoint";

    /** Opens a signed checkpoint: its payload, if the signature is good and by the right key. */
    public interface Seal {
        /** The payload; empty for what the key did not sign. */
        Optional<String> open(String signed);
    }

    /** The text that is signed. */
    public String payload() {
        return JSON.createObjectNode()
                .put("position", link.position())
                .put("hash", link.hash())
                .put("at", at.toString())
                .put("end", end)
                .toString();
    }

    /** The line of an export that carries a signed checkpoint. */
    public static String line(String signed) {
        return JSON.createObjectNode().put(MEMBER, signed).toString();
    }

    /** The signed text of such a line; empty for any other. */
    static Optional<String> signedIn(JsonNode line) {
        JsonNode member = line.get(MEMBER);
        return member != null && member.isString() ? Optional.of(member.stringValue()) : Optional.empty();
    }

    /** Opens and reads one. */
    public static Optional<Checkpoint> open(String signed, Seal seal) {
        return seal.open(signed).flatMap(Checkpoint::parse);
    }

    private static Optional<Checkpoint> parse(String payload) {
        try {
            JsonNode json = JSON.readTree(payload);
            return Optional.of(new Checkpoint(
                    new Link(
                            json.path("position").longValue(), json.path("hash").stringValue()),
                    Instant.parse(json.path("at").stringValue()),
                    json.path("end").booleanValue()));
        } catch (JacksonException | DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
