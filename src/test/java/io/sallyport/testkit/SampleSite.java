package io.sallyport.testkit;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;

/** An origin for browser tests: answers every path with a page that names it, and remembers what arrived. */
public final class SampleSite implements AutoCloseable {
    private final HttpServer server;
    private final List<Visit> visits = Collections.synchronizedList(new ArrayList<>());

    /** One request as the origin saw it. */
    public record Visit(String method, String pathAndQuery, Headers headers) {}

    private SampleSite(HttpServer server) {
        this.server = server;
    }

    /** Starts one on a free loopback port. */
    public static SampleSite start() {
        try {
            SampleSite site =
                    new SampleSite(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            site.server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            site.server.createContext("/", exchange -> {
                String target = exchange.getRequestURI().toString();
                site.visits.add(new Visit(exchange.getRequestMethod(), target, exchange.getRequestHeaders()));
                byte[] page = ("<!doctype html><html lang=en><title>Site</title><h1>You are at " + target + "</h1>")
                        .getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
                exchange.close();
            });
            site.server.start();
            return site;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the gate reaches it. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Everything that arrived, oldest first. */
    public List<Visit> visits() {
        return List.copyOf(visits);
    }

    /** Forgets who came; for those who come for minutes and ask about none of it. */
    public void forget() {
        visits.clear();
    }

    /** The newest visit to a path and query. */
    public Visit lastVisitTo(String pathAndQuery) {
        return visits().stream()
                .filter(visit -> visit.pathAndQuery().equals(pathAndQuery))
                .reduce((first, second) -> second)
                .orElseThrow(() -> new AssertionError(pathAndQuery + " never reached the origin, only " + visits));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
