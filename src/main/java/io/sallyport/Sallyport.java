package io.sallyport;

import io.sallyport.cli.Commands;
import io.sallyport.cli.Terminal;
import io.sallyport.http.LocalhostNames;
import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/**
 * Entry point: picks the command. Free of Spring itself, so that commands which do not need the server start at once; the server
 * class is loaded only when asked for.
 */
public final class Sallyport {
    private static final String USAGE = """
            Sallyport: a self-hosted zero-trust access proxy.

            Usage: sallyport COMMAND [OPTIONS]

            Servers:
              gateway   the edge and the control plane
              demo      the gateway on loopback with embedded PostgreSQL, a sample origin and sample sign-in

            Any property of application.yaml may follow a server as --name=value, or as an environment variable:
            sallyport.http.port is SALLYPORT_HTTP_PORT. Secrets belong in the environment or in files, not in arguments.

            Commands find the gateway by SALLYPORT_API_URL and their token in SALLYPORT_API_TOKEN or the file that
            SALLYPORT_API_TOKEN_FILE names; beside a gateway of this machine they need neither. SSL_CERT_FILE names the PEM
            file of your own certificate authority. Exit status: 0 done, 1 failed, 255 called wrongly; diff, policy lint and
            policy replay end with 2 when they found something.

            Commands (each with --help):
            """;

    private Sallyport() {}

    /** Runs the command named by the first argument. */
    public static void main(String[] args) {
        sampleNoBuffers();
        int status = run(Arrays.asList(args), System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    /**
     * Netty would note for one buffer in 128 by whom it was made, to tell of those that are never given back: 2 % of a gate's event
     * loops and 3 % of a connector's under small requests, for their stacks are deep. The tests look for such buffers.
     */
    private static void sampleNoBuffers() {
        String level = "io.netty.leakDetection.level";
        if (System.getProperty(level) == null) {
            System.setProperty(level, "disabled");
        }
    }

    /** Runs a command; returns its exit status. Servers return as soon as they are up and go on in their own threads. */
    static int run(List<String> args, PrintStream out, PrintStream err) {
        if (args.isEmpty()) {
            err.print(usage(out, err));
            return Commands.USAGE_ERROR;
        }
        List<String> rest = args.subList(1, args.size());
        return switch (args.getFirst()) {
            case "gateway" -> SallyportServer.gateway(rest);
            case "demo" -> SallyportServer.demo(rest);
            case "help", "--help", "-h" -> {
                out.print(usage(out, err));
                yield 0;
            }
            case "version", "--version" -> {
                out.println(Commands.version());
                yield 0;
            }
            default -> {
                LocalhostNames.use();
                yield Commands.run(args, Terminal.system(out, err));
            }
        };
    }

    private static String usage(PrintStream out, PrintStream err) {
        return USAGE + Commands.summary(Terminal.system(out, err));
    }
}
