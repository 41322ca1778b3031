package io.sallyport.connector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class ProtocolChoiceTest {
    private static final Instant NOW = Instant.parse("2026-11-28T00:00:00Z");

    private final ProtocolChoice choice = new ProtocolChoice(
            null,
            new ConnectorLog(
                    new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                    ConnectorLog.Level.INFO,
                    InstantSource.fixed(NOW)));

    @Test
    void whereUdpIsRefusedAndTcpIsNotHttp2IsUsedForAWhile() {
        choice.refused("nothing listens there over UDP", NOW);
        assertThat(choice.current(NOW)).isEqualTo(Protocol.HTTP2);
        assertThat(choice.current(NOW.plus(Duration.ofMinutes(5)))).isEqualTo(Protocol.QUIC);
    }

    @Test
    void whereQuicHasWorkedARefusalMayBeAnEdgeThatIsStarting() {
        choice.worked(Protocol.QUIC);
        choice.refused("nothing listens there over UDP", NOW);
        choice.refused("nothing listens there over UDP", NOW);
        assertThat(choice.current(NOW)).isEqualTo(Protocol.QUIC);
        choice.refused("nothing listens there over UDP", NOW);
        assertThat(choice.current(NOW)).isEqualTo(Protocol.HTTP2);
    }

    @Test
    void whereUdpIsSwallowedHttp2IsUsedAtOnce() {
        choice.worked(Protocol.QUIC);
        choice.overtaken(NOW);
        assertThat(choice.current(NOW)).isEqualTo(Protocol.HTTP2);
    }
}
