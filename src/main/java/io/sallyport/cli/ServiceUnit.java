package io.sallyport.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text of the systemd unit that runs a connector: as a user of its own without files, and with the token in a credential, so that
 * neither arguments nor environment contain it (systemd.exec(5), Credentials).
 */
final class ServiceUnit {
    /** Directories that the service cannot see, or of which it has its own. */
    private static final List<Path> HIDDEN = Stream.of("/home", "/root", "/run/user", "/tmp", "/var/tmp")
            .map(Path::of)
            .toList();

    private ServiceUnit() {}

    /**
     * The unit.
     *
     * @param program how this program is started
     * @param environment variables that it needs for that
     * @param token the file with the token
     * @param flags the arguments after {@code tunnel run --token-file …}
     * @param stopSeconds how long running requests may continue when it is stopped
     */
    static String text(
            List<String> program, Map<String, String> environment, Path token, List<String> flags, long stopSeconds) {
        String start = Stream.of(
                        Stream.of(quoted(
                                program.getFirst())), // which systemd takes as it is (systemd.service(5), ExecStart)
                        program.stream().skip(1).map(ServiceUnit::argument),
                        Stream.of("tunnel", "run", "--token-file", "${CREDENTIALS_DIRECTORY}/token"),
                        flags.stream().map(ServiceUnit::argument))
                .flatMap(words -> words)
                .collect(Collectors.joining(" "));
        String variables = environment.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(each -> "Environment=" + quoted(each.getKey() + "=" + each.getValue()) + "\n")
                .collect(Collectors.joining());
        return """
                [Unit]
                Description=Sallyport connector
                Wants=network-online.target
                After=network-online.target

                [Service]
                %sExecStart=%s
                LoadCredential=token:%s
                Restart=always
                RestartSec=5s
                TimeoutStopSec=%ds
                DynamicUser=yes
                NoNewPrivileges=yes
                ProtectSystem=strict
                ProtectHome=yes
                PrivateTmp=yes
                PrivateDevices=yes
                ProtectKernelTunables=yes
                ProtectKernelModules=yes
                ProtectControlGroups=yes
                RestrictSUIDSGID=yes
                CapabilityBoundingSet=

                [Install]
                WantedBy=multi-user.target
                """.formatted(variables, start, token, stopSeconds);
    }

    /** Whether the service can read this path. */
    static boolean sees(Path path) {
        return HIDDEN.stream().noneMatch(path.toAbsolutePath().normalize()::startsWith);
    }

    /** One word of a command line, quoted so that systemd expands nothing in it (systemd.service(5), Command lines). */
    private static String argument(String word) {
        return quoted(word.replace("$", "$$"));
    }

    /** One word of a setting, quoted on one line (systemd.syntax(7), Quoting). Dollar signs are not special in most settings. */
    private static String quoted(String word) {
        String literal = word.replace("%", "%%");
        return literal.matches("[A-Za-z0-9_./:=@,+%*$-]+")
                ? literal
                : '"'
                        + literal.replace("\\", "\\\\")
                                .replace("\"", "\\\"")
                                .replace("\n", "\\n")
                                .replace("\r", "\\r")
                                .replace("\t", "\\t")
                        + '"';
    }
}
