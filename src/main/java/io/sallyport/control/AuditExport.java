package io.sallyport.control;

import io.sallyport.audit.TrailLines;
import io.sallyport.audit.TrailLines.Line;
import io.sallyport.audit.TrailLines.SignedCheckpoint;
import io.sallyport.audit.chain.ChainReport;
import io.sallyport.audit.chain.ChainVerifier;
import io.sallyport.audit.chain.Checkpoint;
import io.sallyport.audit.chain.Link;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;

/**
 * Writes the trail out as lines of JSON: records byte for byte as they were hashed, checkpoints where they were signed,
 * and a signed end mark. When the chain does not verify, nothing is signed and the export ends without its end mark.
 */
final class AuditExport {
    private static final Logger LOG = LoggerFactory.getLogger(AuditExport.class);
    private static final int PAGE = 200;

    private final TrailLines lines;
    private final AuditSeals seals;
    private final Scheduler blocking;

    /** @param blocking runs the reading, away from the event loop */
    AuditExport(TrailLines lines, AuditSeals seals, Scheduler blocking) {
        this.lines = lines;
        this.seals = seals;
        this.blocking = blocking;
    }

    /** Filters {@code since} and {@code until}: one unbroken part of the chain. Read page by page as the client takes it. */
    Flux<String> lines(Query query) {
        var since = query.instant("since");
        var until = query.instant("until");
        return Flux.<String, Part>generate(
                        () -> new Part(
                                since.flatMap(lines::firstSince)
                                        .orElse(since.isPresent() ? lines.head().position() + 1 : 1L),
                                until.isPresent()
                                        ? until.flatMap(lines::lastUntil).orElse(0L)
                                        : lines.head().position()),
                        (part, sink) -> {
                            part.next(sink);
                            return part;
                        })
                .subscribeOn(blocking);
    }

    /** The state of one export. */
    private final class Part {
        private final long last;
        private final ChainVerifier verifier = new ChainVerifier(seals.ours());
        private final Deque<SignedCheckpoint> checkpoints;
        private Link present;
        private boolean begun;

        Part(long first, long last) {
            this.last = Math.max(last, first - 1);
            this.present = link(first - 1);
            this.checkpoints = new ArrayDeque<>(lines.checkpoints(first, this.last));
        }

        void next(SynchronousSink<String> sink) {
            StringBuilder text = new StringBuilder();
            Consumer<String> write = line -> {
                verifier.line(line);
                text.append(line).append('\n');
            };
            if (!begun && present.position() > 0) {
                write.accept(Checkpoint.line(seals.sign(present)));
            }
            begun = true;
            List<Line> page = lines.after(present.position(), PAGE).stream()
                    .filter(line -> line.position() <= last)
                    .toList();
            for (Line line : page) {
                write.accept(line.text());
                if (!checkpoints.isEmpty() && checkpoints.getFirst().position() == line.position()) {
                    write.accept(Checkpoint.line(checkpoints.removeFirst().jws()));
                }
                present = line.link();
            }
            boolean done = page.isEmpty() || present.position() >= last;
            if (done) {
                write.accept(Checkpoint.line(seals.signEnd(present)));
                ChainReport report = verifier.end();
                if (!report.intact() || present.position() < last || !checkpoints.isEmpty()) {
                    LOG.error("The audit trail was tampered with, its export breaks off: {}", report.findings());
                    sink.error(new IllegalStateException("the audit trail does not verify"));
                    return;
                }
            }
            sink.next(text.toString());
            if (done) {
                sink.complete();
            }
        }

        private Link link(long position) {
            return position <= 0
                    ? Link.START
                    : lines.at(position).map(Line::link).orElse(Link.START);
        }
    }
}
