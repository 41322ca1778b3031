package io.sallyport.gateway;

import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.web.Problem;

/** What a visitor is told when a tunnel did not deliver; the code tells the log whose fault it was. */
final class TunnelProblems {
    private static final String UNREACHABLE = "The application cannot be reached";

    private TunnelProblems() {}

    static Problem of(TunnelFailure failure, String ray) {
        return switch (failure.kind()) {
            case NO_CONNECTOR ->
                problem(
                        530,
                        "no_connector",
                        "The tunnel is down",
                        "The gate let you in, but no connector of this application's tunnel is connected.",
                        ray);
            case NOT_SENT ->
                problem(
                        530,
                        "tunnel_unavailable",
                        "The tunnel is down",
                        "The gate let you in, but this application's tunnel takes no requests at the moment.",
                        ray);
            case LOST ->
                problem(
                        502,
                        "tunnel_lost",
                        UNREACHABLE,
                        "The gate let you in, but the connection to the application broke off.",
                        ray);
            case ORIGIN ->
                problem(
                        502,
                        "origin_unreachable",
                        UNREACHABLE,
                        "The gate let you in and the tunnel works, but the application behind it does not answer.",
                        ray);
            case BUSY ->
                problem(
                        503,
                        "connector_busy",
                        "The application is busy",
                        "Its connector carries as much as it may. Try again in a little while.",
                        ray);
            case MALFORMED ->
                problem(
                        502,
                        "origin_malformed",
                        UNREACHABLE,
                        "The gate let you in, but the application behind it does not answer properly.",
                        ray);
        };
    }

    private static Problem problem(int status, String code, String title, String message, String ray) {
        return new Problem(status, code, title, message, ray, null);
    }
}
