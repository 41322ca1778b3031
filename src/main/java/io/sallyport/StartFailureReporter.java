package io.sallyport;

import io.sallyport.catalog.DatabaseFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Says in one line why the server did not start, and what to do; the exception with its causes is logged at debug. Registered in
 * {@code META-INF/spring.factories}; failures it does not know go to Spring Boot's own analysis.
 */
final class StartFailureReporter implements SpringBootExceptionReporter {
    private static final Logger LOG = LoggerFactory.getLogger(StartFailureReporter.class);

    private static final String OURS = Sallyport.class.getPackageName() + ".";

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}:]+)}");

    private final @Nullable Environment environment;

    /** Called by Spring Boot, before there may be a context. */
    StartFailureReporter(@Nullable ConfigurableApplicationContext context) {
        this.environment = context == null ? null : context.getEnvironment();
    }

    @Override
    public boolean reportException(Throwable failure) {
        Optional<String> line = explain(failure);
        line.ifPresent(text -> {
            LOG.debug("The start failed", failure);
            System.err.println("sallyport: cannot start: " + text);
        });
        return line.isPresent();
    }

    /** A full disk explains whatever came of it; else the first cause that has a plain explanation. */
    private Optional<String> explain(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException
                    && String.valueOf(cause.getMessage()).contains("No space left")) {
                return Optional.of("the disk is full: " + cause.getMessage() + "; make room and start again");
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String text = switch (cause) {
                case PortInUseException inUse -> port(inUse.getPort());
                case FlywayValidateException newer ->
                    "the database does not fit this version of Sallyport; run the version that last migrated it, or a newer one";
                case UnboundConfigurationPropertiesException unknown -> unknown(unknown);
                case MarkedYAMLException yaml -> notYaml(yaml);
                case InvalidConfigurationPropertyValueException value -> invalid(value);
                case BindException bind
                when !(bind.getCause() instanceof UnboundConfigurationPropertiesException) ->
                    "the setting " + bind.getName() + " is not valid: " + reason(bind);
                case IOException bind
                when String.valueOf(bind.getMessage()).contains("Cannot assign requested address") ->
                    "this machine has no such address to listen on: " + setting("server.address")
                            + "; correct server.address";
                case IOException bind
                when String.valueOf(bind.getMessage()).matches("bind\\(.*Permission denied.*") ->
                    "this user may not listen on a port below 1024; choose a higher one and let a balancer or a firewall rule"
                            + " lead there, or give the process the right (CAP_NET_BIND_SERVICE)";
                case RuntimeException setting when namesASetting(setting.getMessage()) -> setting.getMessage();
                case RuntimeException own
                when own.getClass().getName().startsWith(OURS) -> own.getMessage() + because(own);
                default ->
                    DatabaseFailure.explain(cause, setting("spring.datasource.url"))
                            .orElse(null);
            };
            if (text != null) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    /** What Java says of a file is often its name alone. */
    private static String because(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException file) {
                String reason = switch (file) {
                    case NoSuchFileException _ -> "there is no such file or directory";
                    case AccessDeniedException _ ->
                        "permission denied; this process runs as " + System.getProperty("user.name");
                    default -> file.getReason();
                };
                return reason == null || String.valueOf(failure.getMessage()).contains(reason) ? "" : ": " + reason;
            }
        }
        return "";
    }

    private String port(int port) {
        String key = String.valueOf(port).equals(setting("sallyport.management.port"))
                ? "sallyport.management.port"
                : "sallyport.http.port";
        return "port " + port + " is in use; stop what uses it, or choose another with --" + key;
    }

    /** A setting of Spring's that takes its value from one of ours is ours to the person who set it. */
    private String invalid(InvalidConfigurationPropertyValueException invalid) {
        Matcher ours = PLACEHOLDER.matcher(String.valueOf(invalid.getValue()));
        String name = ours.matches() ? ours.group(1) : invalid.getName();
        return "the setting " + name + " is not valid: '" + setting(name) + "': " + invalid.getReason();
    }

    /** Says where, and nothing of what stands there: it may be a secret. Spring tells nobody which file it was reading. */
    private static String notYaml(MarkedYAMLException yaml) {
        String file = Stream.of(
                        "application.yaml", "application.yml", "config/application.yaml", "config/application.yml")
                .filter(name -> Files.isRegularFile(Path.of(name)))
                .findFirst()
                .map(name -> "the configuration file " + Path.of(name).toAbsolutePath())
                .orElse("a configuration file");
        Mark mark = yaml.getProblemMark();
        return file + " is not valid YAML"
                + (mark == null ? "" : " at line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1))
                + ": " + yaml.getProblem() + "; correct it, or take it away to start with what is the default";
    }

    private static String unknown(UnboundConfigurationPropertiesException unknown) {
        String names = String.join(
                ", ",
                unknown.getUnboundProperties().stream()
                        .map(property -> property.getName().toString())
                        .sorted()
                        .toList());
        return "there is no setting " + names
                + "; every one is named in the application.yaml of the jar, and a mistyped one would do nothing";
    }

    private String setting(String key) {
        String value = environment == null ? null : environment.getProperty(key);
        return value == null ? "" : value;
    }

    /** What refuses a setting that only makes no sense together with others says which it is. */
    private static boolean namesASetting(@Nullable String message) {
        return message != null && message.startsWith("sallyport.");
    }

    /** The message that names the setting by its whole key; binding knows its prefix only. Else the root cause's. */
    private static String reason(BindException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null && !namesASetting(cause.getMessage())) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
