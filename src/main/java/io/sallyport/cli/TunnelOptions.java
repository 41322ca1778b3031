package io.sallyport.cli;

import io.sallyport.connector.ConnectorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/**
 * The values of all {@link TunnelFlag}s in one run of a command. A flag may stand before the verb or after it: both places write
 * here.
 */
final class TunnelOptions {
    /** The keys that a config file may have besides its rules. */
    static final Set<String> FILE_KEYS = Stream.concat(
                    Arrays.stream(TunnelFlag.values()).map(TunnelFlag::flag), Stream.of("api-url", "origincert"))
            .collect(Collectors.toUnmodifiableSet());

    private final Map<TunnelFlag, List<String>> given = new EnumMap<>(TunnelFlag.class);

    /** Adds these flags to a command. */
    void addTo(CommandSpec spec) {
        for (TunnelFlag flag : TunnelFlag.values()) {
            if (flag != TunnelFlag.CONFIG) {
                spec.addOption(option(flag).build());
            }
        }
    }

    /** Adds them to a command as hidden flags; the help of its verb explains them. */
    void addHiddenTo(CommandSpec spec) {
        for (TunnelFlag flag : TunnelFlag.values()) {
            if (flag != TunnelFlag.CONFIG) {
                spec.addOption(option(flag).hidden(true).build());
            }
        }
    }

    /** Adds {@code --config} to a command and all its verbs. */
    void addConfigTo(CommandSpec spec) {
        spec.addOption(option(TunnelFlag.CONFIG).scopeType(ScopeType.INHERIT).build());
    }

    private OptionSpec.Builder option(TunnelFlag flag) {
        Slot slot = new Slot(flag);
        OptionSpec.Builder option = OptionSpec.builder(flag.names())
                .hidden(flag.kind().isIgnored())
                .description(flag.help())
                .getter(slot)
                .setter(slot);
        return switch (flag.kind()) {
            case SWITCH, IGNORED_SWITCH ->
                option.type(Boolean.class).arity("0..1").fallbackValue("true").paramLabel("true|false");
            case LIST ->
                option.type(List.class)
                        .auxiliaryTypes(String.class)
                        .paramLabel("VALUE")
                        .splitRegex(",");
            case TEXT, IGNORED -> option.type(String.class).paramLabel("VALUE");
        };
    }

    /** Receives values from picocli. First picocli sets every option to null; that must not delete the value of the other place. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // picocli's signatures
    private final class Slot implements IGetter, ISetter {
        private final TunnelFlag flag;

        Slot(TunnelFlag flag) {
            this.flag = flag;
        }

        @Override
        public <T> @Nullable T get() {
            List<String> values = given.get(flag);
            return values == null || flag.kind() != TunnelFlag.Kind.LIST ? null : (T) new ArrayList<>(values);
        }

        @Override
        public <T> T set(T value) {
            if (value instanceof List<?> values && !values.isEmpty()) {
                given.put(flag, values.stream().map(String::valueOf).toList());
            } else if (value instanceof String || value instanceof Boolean) {
                given.put(flag, List.of(value.toString()));
            }
            return value;
        }
    }

    /** The config file: the given one, which must exist, or the first in the usual places. */
    Optional<ConnectorFile> file(Terminal terminal) {
        return Optional.ofNullable(given.get(TunnelFlag.CONFIG))
                .map(named -> Path.of(named.getFirst()))
                .or(() -> ConnectorFile.search(terminal.home()))
                .map(ConnectorFile::read);
    }

    /** A flag's value: command line, else environment, else file. */
    Optional<String> value(TunnelFlag flag, Terminal terminal, Optional<ConnectorFile> file) {
        return values(flag, terminal, file).stream().findFirst();
    }

    /** Every value of a flag that may be repeated; all from the same source. */
    List<String> values(TunnelFlag flag, Terminal terminal, Optional<ConnectorFile> file) {
        List<String> onCommandLine = given.get(flag);
        if (onCommandLine != null) {
            return onCommandLine;
        }
        return flag.variables().stream()
                .flatMap(variable -> terminal.variable(variable).stream())
                .findFirst()
                .or(() -> file.flatMap(written -> written.option(flag.flag())))
                .map(text -> flag.kind() == TunnelFlag.Kind.LIST ? List.of(text.split("\\s*,\\s*")) : List.of(text))
                .orElse(List.of());
    }

    /** Sets a value as if it had been given on the command line. */
    void give(TunnelFlag flag, String value) {
        given.put(flag, List.of(value));
    }

    /** Whether a flag is in the arguments, where other processes can read its value. */
    boolean isArgument(TunnelFlag flag) {
        return given.containsKey(flag);
    }

    /** Whether a switch is on. */
    boolean isOn(TunnelFlag flag, Terminal terminal, Optional<ConnectorFile> file) {
        return value(flag, terminal, file).map(Boolean::parseBoolean).orElse(false);
    }

    /** Those of the flags that are set, with their values, for display. */
    Map<String, String> set(List<TunnelFlag> flags, Terminal terminal, Optional<ConnectorFile> file) {
        return flags.stream()
                .filter(flag -> value(flag, terminal, file).isPresent())
                .collect(Collectors.toMap(TunnelFlag::flag, flag -> String.join(",", values(flag, terminal, file))));
    }
}
