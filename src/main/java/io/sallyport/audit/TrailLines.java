package io.sallyport.audit;

import io.sallyport.audit.chain.Checkpoint;
import io.sallyport.audit.chain.Link;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/** The trail as a chain of lines, with the checkpoints that were signed over it. */
public class TrailLines {
    private final JdbcClient jdbc;

    TrailLines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** One line of the chain. */
    public record Line(long position, String text) {
        /** The chain's end with this line. */
        public Link link() {
            return new Link(position, Link.hashOf(text));
        }
    }

    /** A checkpoint as it was signed. */
    public record SignedCheckpoint(long position, String jws) {}

    /** The chain's end, held until the surrounding transaction ends. */
    @Transactional(propagation = Propagation.MANDATORY)
    public Link lockHead() {
        return jdbc.sql("select position, hash from audit_head for update")
                .query((row, number) -> new Link(row.getLong(1), row.getString(2)))
                .single();
    }

    /** The chain's end. */
    public Link head() {
        return jdbc.sql("select position, hash from audit_head")
                .query((row, number) -> new Link(row.getLong(1), row.getString(2)))
                .single();
    }

    void moveHead(Link head) {
        jdbc.sql("update audit_head set position = ?, hash = ?")
                .param(head.position())
                .param(head.hash())
                .update();
    }

    /** Lines behind a position, in order. */
    public List<Line> after(long position, int limit) {
        return jdbc.sql("select position, line from audit_log where position > ? order by position limit ?")
                .param(position)
                .param(limit)
                .query((row, number) -> new Line(row.getLong(1), row.getString(2)))
                .list();
    }

    /** One line. */
    public Optional<Line> at(long position) {
        return after(position - 1, 1).stream()
                .filter(line -> line.position() == position)
                .findFirst();
    }

    /** The first position of that time or later. */
    public Optional<Long> firstSince(Instant since) {
        return position("select min(position) from audit_log where at >= ?", since);
    }

    /** The last position of that time or earlier. */
    public Optional<Long> lastUntil(Instant until) {
        return position("select max(position) from audit_log where at <= ?", until);
    }

    private Optional<Long> position(String query, Instant at) {
        @Nullable
        Long position = jdbc.sql(query)
                .param(OffsetDateTime.ofInstant(at, ZoneOffset.UTC))
                .query((row, number) -> (Long) row.getObject(1))
                .list()
                .getFirst();
        return Optional.ofNullable(position);
    }

    /** The newest checkpoint. */
    public Optional<SignedCheckpoint> lastCheckpoint() {
        return jdbc.sql("select position, jws from audit_checkpoints order by position desc limit 1")
                .query((row, number) -> new SignedCheckpoint(row.getLong(1), row.getString(2)))
                .optional();
    }

    /** Checkpoints from one position to another, both included, in order. */
    public List<SignedCheckpoint> checkpoints(long from, long to) {
        return jdbc.sql("select position, jws from audit_checkpoints where position between ? and ? order by position")
                .param(from)
                .param(to)
                .query((row, number) -> new SignedCheckpoint(row.getLong(1), row.getString(2)))
                .list();
    }

    /** Keeps a checkpoint. */
    public void keep(Checkpoint checkpoint, String jws) {
        jdbc.sql("insert into audit_checkpoints (position, jws, signed_at) values (?, ?, ?)")
                .param(checkpoint.link().position())
                .param(jws)
                .param(OffsetDateTime.ofInstant(checkpoint.at(), ZoneOffset.UTC))
                .update();
    }
}
