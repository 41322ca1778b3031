package io.sallyport.gateway;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.netty.channel.ChannelOperations;

/** Sees every request end: one line in the access log, and the counters and timers of {@code /metrics}. */
final class AccessLogFilter implements WebFilter, Ordered {
    private final AccessLog log;
    private final MeterRegistry meters;
    private final Timer upstream;
    private final HostnameMeters hostnames;
    private final Map<String, Counter> decisions = new ConcurrentHashMap<>();
    private final Map<Integer, Timer> requests = new ConcurrentHashMap<>();

    AccessLogFilter(AccessLog log, MeterRegistry meters) {
        this.log = log;
        this.meters = meters;
        this.upstream = Timer.builder("sallyport.upstream")
                .description("Time until an origin's first byte")
                .publishPercentileHistogram()
                .register(meters);
        this.hostnames = new HostnameMeters(meters);
    }

    /** Outermost: what the first filter refuses is a request, too. */
    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return chain.filter(exchange).doFinally(signal -> ended(exchange, signal));
    }

    private void ended(ServerWebExchange exchange, SignalType signal) {
        AccessRecord record = AccessRecord.find(exchange);
        if (record == null) {
            return;
        }
        HttpStatusCode code = exchange.getResponse().getStatusCode();
        int status = code == null ? 200 : code.value();
        long nanos = record.elapsedNanos();
        decisions.computeIfAbsent(record.decision(), this::counter).increment();
        requests.computeIfAbsent(status / 100, this::timer).record(nanos, TimeUnit.NANOSECONDS);
        if (record.upstreamNanos() >= 0) {
            upstream.record(record.upstreamNanos(), TimeUnit.NANOSECONDS);
        }
        if (record.destination() instanceof TunnelOrigin tunnel) {
            hostnames.record(tunnel, status, record.failure(), nanos);
        }
        boolean isCut = signal == SignalType.CANCEL || isCut(exchange.getResponse(), record);
        log.write(exchange.getRequest(), record, status, nanos, isCut);
    }

    /**
     * Whether the visitor left a download although everything seems to have gone well: who leaves ends the connection to the origin,
     * and Reactor Netty then takes the answer for whole. One that is has not been closed yet, for we have the last word, unless its
     * length said which byte is the last.
     */
    private static boolean isCut(ServerHttpResponse response, AccessRecord record) {
        if (!record.hasAnswerBegun()) {
            return false;
        }
        boolean isHere =
                !(ServerHttpResponseDecorator.getNativeResponse(response) instanceof ChannelOperations<?, ?> visitor)
                        || visitor.channel().isActive();
        return !record.hasAnswerEnded()
                || (!isHere && record.bytesOut() != response.getHeaders().getContentLength());
    }

    private Counter counter(String decision) {
        return Counter.builder("sallyport.decisions")
                .description("What the gate did with requests")
                .tag("outcome", decision)
                .register(meters);
    }

    private Timer timer(int hundreds) {
        return Timer.builder("sallyport.requests")
                .description("Time until a request was answered whole")
                .tag("status", hundreds + "xx")
                .publishPercentileHistogram()
                .register(meters);
    }
}
