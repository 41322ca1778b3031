package io.sallyport.audit.chain;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.audit.chain.Finding.Kind;
import io.sallyport.token.CheckpointKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What can be done to an export of the trail, and that each of it is named (AD-06). */
class ChainVerifierTest {
    private static final CheckpointKey KEY = CheckpointKey.generate();
    private static final Instant AT = Instant.parse("2026-01-31T12:00:00Z");

    /** Nine records, a checkpoint after the fifth and an end mark: line index i holds record i+1 up to the fifth, then record i. */
    private static List<String> export() {
        List<String> lines = new ArrayList<>();
        Link link = Link.START;
        for (int i = 1; i <= 9; i++) {
            String line = record(link, "change " + i);
            lines.add(line);
            link = link.next(line);
            if (i == 5) {
                lines.add(checkpoint(link, false, KEY));
            }
        }
        lines.add(checkpoint(link, true, KEY));
        return lines;
    }

    private static String record(Link before, String text) {
        return "{\"position\":%d,\"prev\":\"%s\",\"after\":\"%s\"}"
                .formatted(before.position() + 1, before.hash(), text);
    }

    private static String checkpoint(Link link, boolean end, CheckpointKey key) {
        return Checkpoint.line(key.sign(new Checkpoint(link, AT, end).payload()));
    }

    private static ChainReport verify(List<String> lines) {
        ChainVerifier verifier = new ChainVerifier(signed -> CheckpointKey.verify(signed)
                .filter(good -> good.kid().equals(KEY.kid()))
                .map(CheckpointKey.Signed::payload));
        lines.forEach(verifier::line);
        return verifier.end();
    }

    private static List<Finding> after(Consumer<List<String>> attack) {
        List<String> lines = export();
        attack.accept(lines);
        return verify(lines).findings();
    }

    @Test
    void anHonestExportIsIntact() {
        ChainReport report = verify(export());
        assertThat(report.findings()).isEmpty();
        assertThat(report.first()).isEqualTo(1);
        assertThat(report.last()).isEqualTo(9);
        assertThat(report.end().orElseThrow().at()).isEqualTo(AT);
    }

    @Test
    void anEmptyTrailIsIntact() {
        assertThat(verify(List.of(checkpoint(Link.START, true, KEY))).intact()).isTrue();
    }

    @Test
    void aPartThatBeginsWithACheckpointIsIntact() {
        List<String> lines = export();
        assertThat(verify(lines.subList(5, lines.size())).intact()).isTrue();
    }

    @Test
    void aChangedRecordIsNamed() {
        assertThat(after(lines -> lines.set(2, lines.get(2).replace("change 3", "nothing"))))
                .extracting(Finding::kind, Finding::position)
                .containsExactly(tuple(Kind.CHANGED, 3));
    }

    @Test
    void aChangedLastRecordIsNamed() {
        assertThat(after(lines -> lines.set(9, lines.get(9).replace("change 9", "nothing"))))
                .extracting(Finding::kind, Finding::position)
                .containsExactly(tuple(Kind.CHANGED, 9));
    }

    @Test
    @DisplayName("a changed record with all hashes behind it computed anew is betrayed by the signature")
    void aRewrittenChainDoesNotFitItsCheckpoints() {
        List<Finding> findings = after(lines -> {
            Link link = Link.START;
            for (int i = 0; i < lines.size(); i++) {
                if (lines.get(i).contains("checkpoint")) {
                    continue;
                }
                String forged = record(link, link.position() == 2 ? "nothing" : "change " + (link.position() + 1));
                lines.set(i, forged);
                link = link.next(forged);
            }
        });
        assertThat(findings)
                .extracting(Finding::kind, Finding::position)
                .containsExactly(tuple(Kind.CHANGED, 5), tuple(Kind.CHANGED, 9));
    }

    @Test
    void aRemovedRecordIsNamed() {
        assertThat(after(lines -> lines.remove(2)))
                .extracting(Finding::kind, Finding::position)
                .containsExactly(tuple(Kind.REMOVED, 3));
    }

    @Test
    void removedRecordsBeforeACheckpointAreNamed() {
        List<Finding> findings = after(lines -> lines.subList(3, 5).clear());
        assertThat(findings).extracting(Finding::kind, Finding::position).containsExactly(tuple(Kind.REMOVED, 4));
        assertThat(findings.getFirst().message()).contains("from 4 to 5");
    }

    @Test
    void aRemovedFirstRecordIsNamed() {
        assertThat(after(lines -> lines.removeFirst()))
                .extracting(Finding::kind, Finding::position)
                .containsExactly(tuple(Kind.TRUNCATED, 2));
    }

    @Test
    void reorderedRecordsAreNamed() {
        assertThat(after(lines -> Collections.swap(lines, 1, 2)))
                .extracting(Finding::kind, Finding::position)
                .contains(tuple(Kind.REORDERED, 2))
                .allMatch(each -> !each.toList().contains(Kind.REMOVED));
    }

    @Test
    void anInsertedRecordIsNamed() {
        List<String> honest = export();
        Link third = new Link(3, Link.hashOf(honest.get(2)));
        assertThat(after(lines -> lines.add(3, record(third, "forged"))))
                .extracting(Finding::kind, Finding::position)
                .contains(tuple(Kind.INSERTED, 4));
    }

    @Test
    void aRecordBehindTheEndMarkIsNamed() {
        List<String> honest = export();
        Link ninth = new Link(9, Link.hashOf(honest.get(9)));
        assertThat(after(lines -> lines.add(record(ninth, "forged"))))
                .extracting(Finding::kind, Finding::position)
                .containsExactly(tuple(Kind.INSERTED, 10));
    }

    @Test
    @DisplayName("a file cut off anywhere, at an earlier checkpoint too, is named")
    void truncationIsNamed() {
        for (int kept = 1; kept < export().size(); kept++) {
            int lines = kept;
            assertThat(after(all -> all.subList(lines, all.size()).clear()))
                    .as("%d lines left", kept)
                    .extracting(Finding::kind)
                    .containsExactly(Kind.TRUNCATED);
        }
    }

    @Test
    void halfALineIsNamed() {
        assertThat(after(lines -> {
                    String last = lines.removeLast();
                    lines.add(last.substring(0, last.length() / 2));
                }))
                .extracting(Finding::kind)
                .containsExactly(Kind.UNREADABLE, Kind.TRUNCATED);
    }

    @Test
    @DisplayName("an end mark by another key, or with a changed payload, is no end mark")
    void foreignSignaturesAreNamed() {
        assertThat(after(lines -> {
                    Link ninth = new Link(9, Link.hashOf(lines.get(9)));
                    lines.set(10, checkpoint(ninth, true, CheckpointKey.generate()));
                }))
                .extracting(Finding::kind)
                .containsExactly(Kind.FORGED, Kind.TRUNCATED);
        assertThat(after(lines -> {
                    String[] end = lines.get(10).split("\\.");
                    String[] earlier = lines.get(5).split("\\.");
                    lines.set(10, end[0] + "." + earlier[1] + "." + end[2]);
                }))
                .extracting(Finding::kind)
                .containsExactly(Kind.FORGED, Kind.TRUNCATED);
    }

    @Test
    void nonsenseIsNamed() {
        assertThat(after(lines -> lines.add(2, "{\"hello\": 1}")))
                .extracting(Finding::kind, Finding::line)
                .containsExactly(tuple(Kind.UNREADABLE, 3));
        assertThat(after(lines -> lines.add(2, ""))).extracting(Finding::kind).containsExactly(Kind.UNREADABLE);
    }

    private static Tuple tuple(Kind kind, long number) {
        return Tuple.tuple(kind, number);
    }
}
