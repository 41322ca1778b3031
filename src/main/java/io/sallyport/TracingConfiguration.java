package io.sallyport;

import io.micrometer.observation.ObservationRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Observations cost a request more than our own decision does, and all they feed here is spans: nothing is observed unless the
 * spans have somewhere to go.
 */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {
    /** Where Spring Boot puts {@code OTEL_EXPORTER_OTLP_ENDPOINT} and {@code OTEL_EXPORTER_OTLP_TRACES_ENDPOINT}. */
    private static final String ENDPOINT = "management.opentelemetry.tracing.export.otlp.endpoint";

    @Bean
    ObservationRegistry observationRegistry(Environment environment) {
        return environment.containsProperty(ENDPOINT) ? ObservationRegistry.create() : ObservationRegistry.NOOP;
    }
}
