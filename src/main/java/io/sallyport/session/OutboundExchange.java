package io.sallyport.session;

import io.sallyport.http.OutboundRules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One blocking exchange with a service an admin named: where {@link OutboundRules} allows, without redirects, five seconds and
 * 256 KiB for all of it, and only so many at a time (OI-08, FC-05, DO-05).
 *
 * <p>Every address the name resolves to must be allowed, not just one. The JDK then connects to what it has just resolved: it keeps
 * answers for half a minute, so a name server cannot say one thing to the check and another to the connection.
 */
public final class OutboundExchange implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int LARGEST = 256 * 1024;
    private static final int MOST_AT_A_TIME = 64;
    private static final int OK = 200;

    private final OutboundRules rules;
    private final Duration longest;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);
    private final HttpClient client;

    /** One that goes where the rules allow. */
    public OutboundExchange(OutboundRules rules) {
        this(rules, LONGEST);
    }

    OutboundExchange(OutboundRules rules, Duration longest) {
        this.rules = rules;
        this.longest = longest;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(longest)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }

    /**
     * Fetches a text.
     *
     * @throws IOException when there is no 200 answer in time, for whatever reason; the message is for the log
     */
    public String get(URI uri) throws IOException {
        return exchange(HttpRequest.newBuilder(uri).GET());
    }

    /** @throws IOException when there is no 200 answer in time, for whatever reason; the message is for the log */
    String postJson(URI uri, String json) throws IOException {
        return exchange(HttpRequest.newBuilder(uri)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(json)));
    }

    private String exchange(HttpRequest.Builder builder) throws IOException {
        HttpRequest request = builder.header(
                        "Accept", "application/json, application/jwt, application/samlmetadata+xml, */*;q=0.1")
                .timeout(longest)
                .build();
        long deadline = System.nanoTime() + longest.toNanos();
        try {
            if (!places.tryAcquire(longest.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new IOException("too many calls to other services are waiting");
            }
            try {
                return send(request, deadline);
            } finally {
                places.release();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private String send(HttpRequest request, long deadline) throws IOException, InterruptedException {
        permit(request.uri());
        CompletableFuture<HttpResponse<String>> pending = client.sendAsync(
                request, BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), LARGEST));
        try {
            HttpResponse<String> response = pending.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (response.statusCode() != OK) {
                throw new IOException("answered " + response.statusCode());
            }
            return response.body();
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + longest.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new IOException("could not be asked: " + e.getCause(), e);
        } finally {
            // Ends the connection of an answer nobody waits for any more; nothing after completion.
            pending.cancel(true);
        }
    }

    private void permit(URI uri) throws IOException {
        String host = uri.getHost();
        try {
            rules.check(uri);
        } catch (OutboundRules.OutboundRefused e) {
            throw new IOException(e.getMessage(), e);
        }
        for (InetAddress address : InetAddress.getAllByName(host)) {
            if (!rules.permits(host, address)) {
                throw new IOException(host + " resolves to an address that sallyport.outbound.allow does not list");
            }
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
