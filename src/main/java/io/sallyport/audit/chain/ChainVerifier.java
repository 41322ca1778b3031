package io.sallyport.audit.chain;

import io.sallyport.audit.chain.Finding.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads an export line by line and says what was done to it. A record's line holds its position and the hash of the line before; a
 * checkpoint's line holds a signature over a position and a hash. So
 *
 * <ul>
 *   <li>a record that was changed is betrayed by the one behind it, or by the checkpoint behind all of them when the hashes were
 *       computed anew;
 *   <li>one that was removed leaves a gap, one that was moved turns up after its gap, one that was added takes a position that is
 *       taken;
 *   <li>a file that was cut off has no end mark.
 * </ul>
 *
 * Keeps only the present end and the gaps, so an export may be of any length.
 */
public final class ChainVerifier {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** More would not help anybody. */
    private static final int MOST_FINDINGS = 100;

    private final Checkpoint.Seal seal;
    private final List<Finding> findings = new ArrayList<>();

    /** Positions that should have come by now: first to last of each gap. */
    private final TreeMap<Long, Long> gaps = new TreeMap<>();

    private long lines;
    private long first;
    private @Nullable Link present;
    private @Nullable Checkpoint end;

    /** @param seal knows the key that must have signed */
    public ChainVerifier(Checkpoint.Seal seal) {
        this.seal = seal;
    }

    /** Takes the next line, without its end. */
    public void line(String text) {
        lines++;
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JacksonException e) {
            report(Kind.UNREADABLE, 0, "is not JSON");
            return;
        }
        Optional<String> signed = Checkpoint.signedIn(json);
        if (signed.isPresent()) {
            Checkpoint.open(signed.get(), seal)
                    .ifPresentOrElse(
                            this::checkpoint,
                            () -> report(Kind.FORGED, 0, "is a checkpoint that the key did not sign"));
        } else if (json.path("position").isIntegralNumber() && json.path("prev").isString()) {
            record(text, json.path("position").longValue(), json.path("prev").stringValue());
        } else {
            report(Kind.UNREADABLE, 0, "is neither a record nor a checkpoint");
        }
    }

    /** The verdict on a part of an export, which needs no end mark. */
    public ChainReport endOfPart() {
        gaps.forEach((from, to) -> report(Kind.REMOVED, from, names(from, to) + " is missing"));
        gaps.clear();
        return new ChainReport(first, last(), Optional.ofNullable(end), findings);
    }

    /** The verdict on a whole export, after the last line. */
    public ChainReport end() {
        if (end == null) {
            report(
                    Kind.TRUNCATED,
                    last(),
                    "the signed end mark is missing: what came after record " + last() + " is cut off");
        }
        return endOfPart();
    }

    private void checkpoint(Checkpoint checkpoint) {
        Link signed = checkpoint.link();
        if (end != null) {
            report(Kind.INSERTED, signed.position(), "stands behind the end mark");
            return;
        }
        if (present == null) {
            present = signed;
        } else if (signed.position() > present.position()) {
            miss(present.position() + 1, signed.position());
            present = signed;
        } else if (signed.position() < present.position()) {
            report(
                    Kind.REORDERED,
                    signed.position(),
                    "is the checkpoint of record " + signed.position() + ", too late");
        } else if (!signed.hash().equals(present.hash())) {
            report(
                    Kind.CHANGED,
                    signed.position(),
                    "record " + signed.position()
                            + ", or one between it and the last checkpoint, is not what was signed");
        }
        if (checkpoint.end()) {
            end = checkpoint;
        }
    }

    private void record(String text, long position, String previous) {
        if (end != null) {
            report(Kind.INSERTED, position, "record " + position + " stands behind the end mark");
            return;
        }
        if (present == null) {
            if (position != 1) {
                report(
                        Kind.TRUNCATED,
                        position,
                        "begins with record " + position + ", and no signed checkpoint says what came before");
            }
            present = position == 1 ? Link.START : new Link(position - 1, previous);
        }
        if (position <= present.position()) {
            late(position);
            return;
        }
        if (position > present.position() + 1) {
            miss(present.position() + 1, position - 1);
        } else if (!previous.equals(present.hash())) {
            report(
                    Kind.CHANGED,
                    present.position(),
                    present.position() == 0
                            ? "record 1 does not begin the chain"
                            : "record " + present.position() + " is not the one that record " + position + " names");
        }
        if (first == 0) {
            first = position;
        }
        present = new Link(position, Link.hashOf(text));
    }

    /** Either it was missed before and stands in the wrong place, or there are two of it. */
    private void late(long position) {
        var gap = gaps.floorEntry(position);
        if (gap == null || gap.getValue() < position) {
            report(Kind.INSERTED, position, "record " + position + " was there already");
            return;
        }
        gaps.remove(gap.getKey());
        if (gap.getKey() < position) {
            gaps.put(gap.getKey(), position - 1);
        }
        if (position < gap.getValue()) {
            gaps.put(position + 1, gap.getValue());
        }
        report(Kind.REORDERED, position, "record " + position + " stands in the wrong place");
    }

    private void miss(long from, long to) {
        gaps.put(from, to);
    }

    private long last() {
        return present == null ? 0 : present.position();
    }

    private static String names(long from, long to) {
        return from == to ? "record " + from : "every record from " + from + " to " + to;
    }

    private void report(Kind kind, long position, String message) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(new Finding(kind, lines, position, message));
        }
    }
}
