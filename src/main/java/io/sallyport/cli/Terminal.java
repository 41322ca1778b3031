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
 * The world a command runs in, handed in whole so that a test can give it another one.
 *
 * @param out results, and nothing else: what a script reads
 * @param err everything said to a person beside the result
 * @param environment variables as the process found them
 * @param home the user's home directory, where cloudflared's files lie
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
     * Where {@code HOME} says, as for cloudflared. Java reads the user database instead, which names another place under sudo and none
     * at all for a user id that a container was given.
     */
    static Path home(Map<String, String> environment) {
        String home = environment.get("HOME");
        return home != null && Path.of(home).isAbsolute() ? Path.of(home) : Path.of(System.getProperty("user.home"));
    }

    /** Where the person who reads is, as {@code TZ} or the machine says. */
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
