package io.sallyport;

import java.util.Optional;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Says in one line why the server did not start (design/contract.md, State). Registered in {@code META-INF/spring.factories};
 * failures it does not know go to Spring Boot's own analysis.
 */
final class StartFailureReporter implements SpringBootExceptionReporter {
    private static final String OURS = Sallyport.class.getPackageName() + ".";

    /** Called by Spring Boot, before there may be a context. */
    StartFailureReporter(@Nullable ConfigurableApplicationContext context) {}

    @Override
    public boolean reportException(Throwable failure) {
        Optional<String> line = explain(failure);
        line.ifPresent(text -> System.err.println("sallyport: cannot start: " + text));
        return line.isPresent();
    }

    /** The first cause that has a plain explanation. */
    static Optional<String> explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = switch (cause) {
                case PortInUseException inUse ->
                    "port " + inUse.getPort()
                            + " is in use; stop what uses it, or choose another with --sallyport.http.port";
                case FlywayValidateException newer ->
                    "the database does not fit this version of Sallyport; run the version that last migrated it, or a newer one";
                case BindException bind -> "the setting " + bind.getName() + " is not valid: " + rootMessage(bind);
                case RuntimeException own when own.getClass().getName().startsWith(OURS) -> own.getMessage();
                default -> null;
            };
            if (text != null) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return String.valueOf(root.getMessage());
    }
}
