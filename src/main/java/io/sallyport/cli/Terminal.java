package io.sallyport.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that a command uses of its environment, so that a test can replace it.
 *
 * @param out results only, because scripts read it
 * @param err messages to people
 * @param environment variables as the process found them
 * @param home the user's home directory, which contains cloudflared's files
 */
public record Terminal(
        PrintStream out,
        PrintStream err,
        InputStream in,
        Map<String, String> environment,
        Path home,
        InstantSource clock) {
    /** The process's own. */
    public static Terminal system(PrintStream out, PrintStream err) {
        return new Terminal(out, err, System.in, System.getenv(), home(System.getenv()), InstantSource.system());
    }

    /**
     * The directory in {@code HOME}, as for cloudflared. Java reads the user database instead, which has another directory under sudo and
     * none for the arbitrary user id of a container.
     */
    static Path home(Map<String, String> environment) {
        String home = environment.get("HOME");
        return home != null && Path.of(home).isAbsolute() ? Path.of(home) : Path.of(System.getProperty("user.home"));
    }

    /** The reader's time zone, from {@code TZ} or the machine. */
    ZoneId zone() {
        try {
            return variable("TZ").map(ZoneId::of).orElseGet(ZoneId::systemDefault);
        } catch (DateTimeException otherSpelling) {
            return ZoneId.systemDefault();
        }
    }

    /** A variable of the environment; empty when unset or set to nothing, which shells do not tell apart either. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }
}
