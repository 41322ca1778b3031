package io.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with systemd.
 *
 * @param root the root of its file system
 * @param systemctl runs {@code systemctl} with these arguments and returns its exit status
 */
record SystemdHost(Path root, Systemctl systemctl) {
    static final SystemdHost THIS = new SystemdHost(Path.of("/"), SystemdHost::run);

    /** The unit of the connector. */
    static final String UNIT = "sallyport-connector.service";

    /** {@code systemctl}. */
    @FunctionalInterface
    interface Systemctl {
        int run(List<String> arguments) throws IOException, InterruptedException;
    }

    /** The unit's file. */
    Path unit() {
        return root.resolve("etc/systemd/system").resolve(UNIT);
    }

    /** The token's file, which only root can read. */
    Path token() {
        return root.resolve("etc/sallyport/connector-token");
    }

    /** @throws CommandFailure when systemd does not run here */
    void require() {
        if (!Files.isDirectory(root.resolve("run/systemd/system"))) {
            throw new CommandFailure(
                    "systemd does not run on this machine; start 'sallyport tunnel run --token-file FILE'"
                            + " with the service manager of this machine");
        }
    }

    /** Runs systemctl; {@code otherwise} is the error message when it fails. */
    void ask(String otherwise, String... arguments) {
        try {
            if (systemctl.run(List.of(arguments)) == 0) {
                return;
            }
        } catch (IOException e) {
            throw new CommandFailure("systemctl cannot be run: " + Trouble.with(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
        throw new CommandFailure(otherwise);
    }

    private static int run(List<String> arguments) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of("systemctl"));
        line.addAll(arguments);
        return new ProcessBuilder(line).inheritIO().start().waitFor();
    }
}
