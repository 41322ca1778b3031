package io.sallyport.gateway;

import io.sallyport.tunnel.TunnelFailure;
import io.sallyport.web.Problem;

/** What a visitor is told when a request failed in a tunnel; the code tells the log where the fault lies. */
final class TunnelProblems {
    private TunnelProblems() {}

    static Problem of(TunnelFailure failure, String ray) {
        return switch (failure.kind()) {
            case NO_CONNECTOR ->
                down(
                        "no_connector",
                        "The gate let you in, but no connector of this application's tunnel is connected. Try again in a little while.",
                        ray);
            case NOT_SENT ->
                down(
                        "tunnel_unavailable",
                        "The gate let you in, but this application's tunnel takes no requests at the moment. Try again in a little while.",
                        ray);
            case LOST ->
                unreachable(
                        "tunnel_lost",
                        "The gate let you in, but the connection to the application broke off. Try again in a little while.",
                        ray);
            case ORIGIN ->
                unreachable(
                        "origin_unreachable",
                        "The gate let you in and the tunnel works, but the application behind it does not answer."
                                + " Try again in a little while.",
                        ray);
            case MALFORMED ->
                unreachable(
                        "origin_malformed",
                        "The gate let you in, but the application behind it does not answer properly.",
                        ray);
            case BUSY ->
                new Problem(
                        503,
                        "connector_busy",
                        "The application is busy",
                        "Its connector carries as much as it may. Try again in a little while.",
                        ray,
                        null);
        };
    }

    private static Problem down(String code, String message, String ray) {
        return new Problem(530, code, "The tunnel is down", message, ray, null);
    }

    private static Problem unreachable(String code, String message, String ray) {
        return new Problem(502, code, "The application cannot be reached", message, ray, null);
    }
}
