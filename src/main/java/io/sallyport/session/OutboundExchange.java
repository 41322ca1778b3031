package io.sallyport.session;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.ssl.NotSslRecordException;
import io.sallyport.http.OutboundRules;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.springframework.http.HttpHeaders;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/**
 * A blocking HTTP exchange with a service that an admin configured: a provider, key set, evaluator or metadata URL. It
 * connects only where {@link OutboundRules} allow, follows no redirects, is limited to five seconds and 256 KiB, and
 * the number of concurrent exchanges is limited, in all and per service (OI-07, OI-08, FC-05, DO-05).
 *
 * <p>A name is resolved once, and the checked address is the one that is dialled, so that a name server cannot give the
 * check another address than the connection (DNS rebinding).
 */
public final class OutboundExchange {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final int LARGEST = 256 * 1024;
    private static final int MOST_AT_A_TIME = 256;
    /** Concurrent exchanges with one service; one that does not answer must leave places for the others. */
    private static final int MOST_AT_ONE_SERVICE = 64;

    private static final int MOST_SERVICES = 10_000;
    private static final int MOST_CONNECTIONS = 2 * MOST_AT_A_TIME;
    private static final int OK = 200;

    /** Threads that resolve names, because the JDK's resolver blocks and has no timeout. */
    private static final Scheduler RESOLVING = Schedulers.fromExecutor(Thread::startVirtualThread);

    /**
     * Connections stay open for a moment, for the further calls of one login and for the next login, and are closed
     * before a provider with a short idle timeout closes them during use. Each connection belongs to a name and its
     * checked address: another name at the same address gets a connection of its own, with its own certificate check.
     */
    private static final ConnectionProvider CONNECTIONS = ConnectionProvider.builder("outbound")
            .maxConnections(MOST_CONNECTIONS)
            .maxIdleTime(Duration.ofSeconds(2))
            .maxLifeTime(Duration.ofMinutes(1))
            .evictInBackground(Duration.ofSeconds(1))
            .lifo()
            .build();

    private final OutboundRules rules;
    private final Duration longest;
    private final Resolver resolver;
    private final Semaphore places = new Semaphore(MOST_AT_A_TIME);
    private final LoadingCache<String, Semaphore> services =
            Caffeine.newBuilder().maximumSize(MOST_SERVICES).build(_ -> new Semaphore(MOST_AT_ONE_SERVICE));

    /** Resolves names. */
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /** The answer exceeds the limit of its size. */
    public static final class TooLarge extends IOException {
        TooLarge(String host) {
            super("the answer of " + host + " is larger than " + LARGEST / 1024 + " KiB");
        }
    }

    /** A whole answer. */
    @SuppressWarnings("ArrayRecordComponent") // read once, never compared
    public record Answer(int status, HttpHeaders headers, byte[] body) {}

    /** An exchange that may connect where the rules allow. */
    public OutboundExchange(OutboundRules rules) {
        this(rules, LONGEST, OutboundExchange::addresses);
    }

    OutboundExchange(OutboundRules rules, Duration longest) {
        this(rules, longest, OutboundExchange::addresses);
    }

    OutboundExchange(OutboundRules rules, Duration longest, Resolver resolver) {
        this.rules = rules;
        this.longest = longest;
        this.resolver = resolver;
    }

    /**
     * Fetches a text.
     *
     * @throws IOException when there is no 200 answer in time, for whatever reason; the message is for the log
     */
    public String get(URI uri) throws IOException {
        return text(HttpMethod.GET, uri, new HttpHeaders(), new byte[0]);
    }

    /**
     * Fetches a document that is verified by its own signature, such as a revocation list. It may therefore be fetched
     * by plain http, but the rules for addresses apply.
     *
     * @throws IOException when there is no 200 answer in time, for whatever reason; the message is for the log
     */
    public byte[] getSigned(URI uri, int largest) throws IOException {
        return signed(new Call(HttpMethod.GET, uri, new HttpHeaders(), new byte[0], true, largest));
    }

    /**
     * Posts to a service whose answer is verified by its own signature, such as an OCSP responder; otherwise like
     * {@link #getSigned}.
     *
     * @throws IOException when there is no 200 answer in time, for whatever reason; the message is for the log
     */
    public byte[] postSigned(URI uri, String contentType, byte[] body, int largest) throws IOException {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.CONTENT_TYPE, contentType);
        return signed(new Call(HttpMethod.POST, uri, headers, body, true, largest));
    }

    private byte[] signed(Call call) throws IOException {
        Answer answer = exchange(call);
        if (answer.status() != OK) {
            throw new IOException("answered " + answer.status());
        }
        return answer.body();
    }

    /**
     * A request.
     *
     * @param signed whether the answer is verified by its own signature
     */
    @SuppressWarnings("ArrayRecordComponent") // sent once, never compared
    private record Call(HttpMethod method, URI uri, HttpHeaders headers, byte[] body, boolean signed, int largest) {}

    /** @throws IOException when there is no 200 answer in time, for whatever reason; the message is for the log */
    String postJson(URI uri, String json) throws IOException {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.CONTENT_TYPE, "application/json");
        return text(HttpMethod.POST, uri, headers, json.getBytes(StandardCharsets.UTF_8));
    }

    private String text(HttpMethod method, URI uri, HttpHeaders headers, byte[] body) throws IOException {
        headers.set(HttpHeaders.ACCEPT, "application/json, application/jwt, application/samlmetadata+xml, */*;q=0.1");
        Answer answer = exchange(method, uri, headers, body);
        if (answer.status() != OK) {
            throw new IOException("answered " + answer.status());
        }
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    /**
     * Sends a request and reads the answer, whatever its status.
     *
     * @throws IOException when there is none in time, for whatever reason; the message is for the log
     */
    public Answer exchange(HttpMethod method, URI uri, HttpHeaders headers, byte[] body) throws IOException {
        return exchange(new Call(method, uri, headers, body, false, LARGEST));
    }

    private Answer exchange(Call call) throws IOException {
        long deadline = System.nanoTime() + longest.toNanos();
        Semaphore service = services.get(String.valueOf(call.uri().getRawAuthority()));
        take(service, deadline);
        try {
            take(places, deadline);
            try {
                return exchange(call, deadline);
            } finally {
                places.release();
            }
        } finally {
            service.release();
        }
    }

    private static void take(Semaphore places, long deadline) throws IOException {
        try {
            if (!places.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new IOException("too many calls to other services are waiting");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private Answer exchange(Call call, long deadline) throws IOException {
        String host = call.uri().getHost();
        try {
            Answer answer = Mono.fromCallable(() -> permittedAddress(call))
                    .subscribeOn(RESOLVING)
                    .flatMap(address -> send(address, call))
                    .timeout(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))
                    .block();
            if (answer == null) {
                throw new IOException(host + " sent no answer");
            }
            return answer;
        } catch (OutboundRules.OutboundRefused refused) {
            throw new IOException(refused.getMessage(), refused);
        } catch (MoreThanWanted _) {
            throw new TooLarge(host);
        } catch (RuntimeException failed) {
            throw new IOException(host + " could not be asked: " + words(Exceptions.unwrap(failed)), failed);
        }
    }

    /**
     * The failure in terms of connections, for the log and for admins, instead of the HTTP library's message. It quotes nothing of what
     * the other side said: anyone who may name an address could otherwise read the greetings of every service in the gateway's network
     * (OI-08).
     */
    private String words(Throwable failure) {
        return switch (failure) {
            case TimeoutException _ -> "no answer within %d seconds".formatted(Math.max(1, longest.toSeconds()));
            case UnknownHostException _ -> "there is no such name";
            case ConnectException refused
            when String.valueOf(refused.getMessage()).contains("refused") -> "connection refused";
            case NotSslRecordException _ -> "it does not speak TLS";
            case SSLException untrusted -> "no trust in its certificate: " + untrusted.getMessage();
            case IOException broken -> broken.toString();
            default -> "its answer is not HTTP (" + failure.getClass().getSimpleName() + ")";
        };
    }

    private Mono<Answer> send(InetSocketAddress address, Call call) {
        URI uri = call.uri();
        byte[] body = call.body();
        HttpClient client = HttpClient.create(CONNECTIONS)
                .remoteAddress(() -> address)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) longest.toMillis())
                .followRedirect(false)
                .headers(written -> {
                    call.headers().forEach((name, values) -> values.forEach(value -> written.add(name, value)));
                    written.set(HttpHeaders.HOST, uri.getRawAuthority());
                    written.set(HttpHeaders.CONTENT_LENGTH, body.length);
                });
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return (isSecure(uri) ? client.secure() : client)
                .request(call.method())
                .uri(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
                .send(ByteBufFlux.fromInbound(body.length == 0 ? Flux.empty() : Flux.just(body)))
                .response((response, content) -> bounded(content.asByteArray(), call.largest())
                        .map(bytes -> new Answer(response.status().code(), copy(response.responseHeaders()), bytes)))
                .single();
    }

    private InetSocketAddress permittedAddress(Call call) throws UnknownHostException {
        URI uri = call.uri();
        if (call.signed()) {
            rules.checkSigned(uri);
        } else {
            rules.check(uri);
        }
        String host = uri.getHost();
        for (InetAddress address : resolver.resolve(host)) {
            if (rules.permits(host, address)) {
                int port = uri.getPort() >= 0 ? uri.getPort() : isSecure(uri) ? 443 : 80;
                return new InetSocketAddress(InetAddress.getByAddress(host, address.getAddress()), port);
            }
        }
        throw new OutboundRules.OutboundRefused(
                host + " does not resolve to a public address; sallyport.outbound.allow can list it.");
    }

    /** Names under localhost are loopback (RFC 6761 §6.3), which not every C library knows. */
    private static InetAddress[] addresses(String host) throws UnknownHostException {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.endsWith(".localhost")
                ? new InetAddress[] {InetAddress.ofLiteral("127.0.0.1")}
                : InetAddress.getAllByName(host);
    }

    private static boolean isSecure(URI uri) {
        return "https".equalsIgnoreCase(uri.getScheme());
    }

    /** Stops reading an answer that is too large; has no stack trace. */
    private static final class MoreThanWanted extends RuntimeException {
        MoreThanWanted() {
            super("more than wanted", null, false, false);
        }
    }

    private static Mono<byte[]> bounded(Flux<byte[]> content, int largest) {
        return content.reduceWith(ByteArrayOutputStream::new, (whole, part) -> {
                    if (whole.size() + part.length > largest) {
                        throw new MoreThanWanted();
                    }
                    whole.writeBytes(part);
                    return whole;
                })
                .map(ByteArrayOutputStream::toByteArray);
    }

    private static HttpHeaders copy(io.netty.handler.codec.http.HttpHeaders from) {
        HttpHeaders headers = new HttpHeaders();
        from.forEach(entry -> headers.add(entry.getKey(), entry.getValue()));
        return headers;
    }
}
