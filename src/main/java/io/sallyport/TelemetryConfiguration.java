package io.sallyport;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** Traces and the log's own meter. */
@Configuration(proxyBeanMethods = false)
class TelemetryConfiguration {
    /** Where Spring Boot puts {@code OTEL_EXPORTER_OTLP_ENDPOINT} and {@code OTEL_EXPORTER_OTLP_TRACES_ENDPOINT}. */
    private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";

    /**
     * Observations cost a request more than our own decision does, and all they feed here is spans: nothing is observed unless the
     * spans have somewhere to go.
     */
    @Bean
    ObservationRegistry observationRegistry(Environment environment) {
        return environment.containsProperty(ENDPOINT) ? ObservationRegistry.create() : ObservationRegistry.NOOP;
    }

    @Bean
    MeterBinder logMeter() {
        return meters -> FunctionCounter.builder("sallyport.log.dropped", LogQueue.class, queue -> LogQueue.dropped())
                .description("Log lines that found the queue to standard output full, or its disk")
                .register(meters);
    }
}
