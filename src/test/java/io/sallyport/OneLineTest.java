package io.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.LoggingEvent;
import org.junit.jupiter.api.Test;

/** LO-02: one event is one line, and no terminal obeys it. */
class OneLineTest {
    private static String written(String logger, String message, Object... arguments) {
        LoggingEvent event = new LoggingEvent();
        event.setLoggerName(logger);
        event.setMessage(message);
        event.setArgumentArray(arguments);
        return new OneLine().convert(event);
    }

    @Test
    void lo02WhatAnOriginSaidIsEscaped() {
        assertThat(written(
                        "io.sallyport.gateway.GatewayErrors",
                        "ray={} {}",
                        "1",
                        "HTTP/9\r\n2026-01-01 INFO all is well"))
                .isEqualTo("ray=1 HTTP/9\\u000d\\u000a2026-01-01 INFO all is well");
        assertThat(written("io.sallyport.x", "\u001b[2J\u009b2J\u2028\tb"))
                .isEqualTo("\\u001b[2J\\u009b2J\\u2028\\u0009b");
        assertThat(written("io.sallyport.x", "Zoë {}", "näh")).isEqualTo("Zoë näh");
    }

    @Test
    void aReportOfOthersKeepsItsLinesAndNothingElse() {
        assertThat(written("org.springframework.boot", "\n\tAPPLICATION FAILED\r\n\u001b[31m"))
                .isEqualTo("\n\tAPPLICATION FAILED\r\n\\u001b[31m");
    }
}
