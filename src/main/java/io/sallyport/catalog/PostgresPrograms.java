package io.sallyport.catalog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Runs PostgreSQL's programs, which refuse to run as root. As root they are run in a user namespace of their own; the
 * files they write still belong to root.
 *
 * @param asRoot whether we are root
 */
record PostgresPrograms(PostgresBinaries binaries, boolean asRoot) {
    private static final Path UNSHARE = Path.of("/usr/bin/unshare");
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final Pattern COMPLAINT = Pattern.compile("\\b(error|ERROR|FATAL|PANIC): ");

    /**
     * Finds the programs, and who we are by a file of our own making.
     *
     * @throws StateFailure when we are root and cannot become anybody else
     */
    static PostgresPrograms of(Path directory, Path ours) throws IOException {
        boolean root = Integer.valueOf(0).equals(Files.getAttribute(ours, "unix:uid"));
        if (root && !Files.isExecutable(UNSHARE)) {
            throw new StateFailure(
                    "embedded PostgreSQL does not run as root here; start Sallyport as an ordinary user, or set"
                            + " spring.datasource.url to a PostgreSQL of your own");
        }
        return new PostgresPrograms(PostgresBinaries.unpacked(directory), root);
    }

    /** The server's command, in a session of its own: Ctrl-C at our terminal does not reach it. */
    List<String> server(List<String> arguments) {
        List<String> command = allowed("postgres", arguments);
        if (Files.isExecutable(SETSID)) {
            command.addFirst(SETSID.toString());
        }
        return command;
    }

    /** Runs a program to its end and returns what it printed. */
    String run(String program, String... arguments) throws IOException {
        Process running = new ProcessBuilder(allowed(program, List.of(arguments)))
                .redirectErrorStream(true)
                .start();
        String output = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (running.waitFor() != 0) {
                throw new IOException(program + ": " + reason(output));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
        return output;
    }

    /** Ends the server on this data and waits for that, at most half a minute; open transactions are rolled back. */
    void stop(Path data) throws IOException {
        run("pg_ctl", "stop", "-D", data.toString(), "-m", "fast", "-w", "-t", "30");
    }

    /**
     * The line of the output that gives the reason: the first error, because later ones are about cleaning up; else the
     * last line.
     */
    static String reason(String output) {
        return output.lines()
                .filter(line -> COMPLAINT.matcher(line).find())
                .findFirst()
                .or(() -> output.lines().reduce((first, second) -> second))
                .orElse("no message");
    }

    private List<String> allowed(String program, List<String> arguments) {
        List<String> command = new ArrayList<>(asRoot ? List.of(UNSHARE.toString(), "--user") : List.of());
        command.add(binaries.program(program));
        command.addAll(arguments);
        return command;
    }
}
