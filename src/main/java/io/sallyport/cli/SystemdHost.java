package io.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine with systemd.
 *
 * @param root where its files begin
 * @param systemctl runs {@code systemctl} with these arguments and answers with its exit status
 */
record SystemdHost(Path root, Systemctl systemctl) {
    static final SystemdHost THIS = new SystemdHost(Path.of("/"), SystemdHost::run);

    /** The unit that the connector is. */
    static final String UNIT = "sallyport-connector.service";

    /** {@code systemctl}. */
    @FunctionalInterface
    interface Systemctl {
        int run(List<String> arguments) throws IOException, InterruptedException;
    }

    /** Where its unit lies. */
    Path unit() {
        return root.resolve("etc/systemd/system").resolve(UNIT);
    }

    /** Where its token lies, for root's eyes. */
    Path token() {
        return root.resolve("etc/sallyport/connector-token");
    }

    /** @throws CommandFailure when systemd does not run here */
    void require() {
        if (!Files.isDirectory(root.resolve("run/systemd/system"))) {
            throw new CommandFailure(
                    "systemd does not run on this machine; have 'sallyport tunnel run --token-file FILE'"
                            + " started by whatever starts services here");
        }
    }

    /** Asks systemd for something; {@code otherwise} is what to say when it does not do it. */
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
