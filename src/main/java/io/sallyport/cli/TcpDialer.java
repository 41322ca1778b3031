package io.sallyport.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection in a WebSocket to an application. Asks for a sign-in only when the edge asks
 * for one, so service tokens and open applications never do. Messages stay within 16 KiB, the most that connectors take.
 */
final class TcpDialer {
    private static final int LARGEST_MESSAGE = 16 * 1024;
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    /** The service takes at most this long for what is still on its way to it when the WebSocket closes. */
    private static final Duration DELIVERY = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final URI application;
    private final Map<String, String> headers;
    private final Duration silence;
    private final EdgeHttp http;

    /**
     * @param headers are added to every request
     * @param silence TCP can close one direction, a WebSocket cannot: when the local side has sent everything, the WebSocket is closed
     *     after the other side has sent nothing for this long
     */
    TcpDialer(Terminal terminal, URI application, Map<String, String> headers, Duration silence) {
        this.terminal = terminal;
        this.application = application;
        this.headers = Map.copyOf(headers);
        this.silence = silence;
        this.http = new EdgeHttp(terminal);
    }

    /** What to do when the other side has sent everything. */
    interface EndOfOutput {
        void close() throws IOException;
    }

    /** Carries data until either side ends. */
    void carry(InputStream from, OutputStream to, EndOfOutput end) {
        Receiver receiver = new Receiver(to, end);
        WebSocket socket = dial(receiver);
        Thread.ofVirtual().name("access-tcp-out").start(() -> send(socket, from, receiver));
        try {
            receiver.ended.join();
        } catch (CompletionException broken) {
            throw new CommandFailure("the connection broke: " + reason(broken, application), broken);
        } finally {
            socket.abort();
        }
    }

    private void send(WebSocket socket, InputStream from, Receiver receiver) {
        byte[] piece = new byte[LARGEST_MESSAGE];
        try {
            for (int read = from.read(piece); read >= 0; read = from.read(piece)) {
                socket.sendBinary(ByteBuffer.wrap(piece, 0, read), true).join();
            }
            receiver.awaitSilence(silence);
            if (!receiver.ended.isDone()) {
                // The connector answers when the service has taken everything. Whoever hangs up before may lose the
                // rest.
                socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
                receiver.ended.completeOnTimeout(null, DELIVERY.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (IOException | CompletionException ended) {
            receiver.ended.complete(null);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private WebSocket dial(Receiver receiver) {
        Optional<WebSocket> first = tried(receiver, null);
        if (first.isPresent()) {
            return first.get();
        }
        AccessApplication found = AccessApplication.find(
                        http, application, terminal.clock().instant())
                .orElseThrow(() -> new CommandFailure(
                        application.getHost() + " asks for a sign-in, but also says that it requires none"));
        AccessTokens tokens = new AccessTokens(terminal, http);
        return tried(receiver, tokens.obtain(found))
                .or(() -> {
                    tokens.forget(found);
                    return tried(receiver, tokens.obtain(found));
                })
                .orElseThrow(
                        () -> new CommandFailure(application.getHost() + " does not accept the token that it issued"));
    }

    /** Empty when the edge wants a sign-in. */
    private Optional<WebSocket> tried(Receiver receiver, @Nullable String token) {
        WebSocket.Builder builder =
                http.client().newWebSocketBuilder().connectTimeout(PATIENCE).header("User-Agent", EdgeHttp.USER_AGENT);
        headers.forEach(builder::header);
        if (token != null) {
            builder.header("Cf-Access-Token", token);
        }
        String scheme = application.getScheme().equals("https") ? "wss" : "ws";
        URI uri = URI.create(scheme
                + application.toString().substring(application.getScheme().length()));
        try {
            return Optional.of(builder.buildAsync(uri, receiver).join());
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof WebSocketHandshakeException refused
                    && refused.getResponse() != null
                    && (refused.getResponse().statusCode() == 302
                            || refused.getResponse().statusCode() == 401)
                    && !headers.containsKey("Cf-Access-Client-Id")) {
                return Optional.empty();
            }
            throw new CommandFailure("cannot open " + uri.getAuthority() + ": " + reason(failed, uri), failed);
        }
    }

    private static String reason(CompletionException failed, URI uri) {
        Throwable cause = failed.getCause() == null ? failed : failed.getCause();
        return cause instanceof WebSocketHandshakeException refused && refused.getResponse() != null
                ? refusal(refused.getResponse())
                : Trouble.with(uri, cause);
    }

    /** The refusal in the words of the page for browsers, with the id that an admin needs to look it up. */
    private static String refusal(HttpResponse<?> answer) {
        String why = switch (answer.statusCode()) {
            case 302, 401 -> "the service token is not accepted";
            case 403 -> "you may not open it";
            case 404 -> "there is no application";
            case 502, 504 -> "you are authorized, but the service behind the gateway does not answer";
            case 503 -> "the gateway or the connector is overloaded";
            case 530 -> "you are authorized, but no connector of the tunnel is connected";
            default -> "the gateway refused the request";
        };
        return why + " (" + answer.statusCode()
                + answer.headers()
                        .firstValue("cf-ray")
                        .map(ray -> ", ray id " + ray)
                        .orElse("") + ")";
    }

    /** Writes what arrives, and requests the next piece only when the last one is written. */
    private static final class Receiver implements WebSocket.Listener {
        private final OutputStream to;
        private final EndOfOutput end;
        private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
        private volatile boolean isWriting;
        private volatile long heardAt;

        Receiver(OutputStream to, EndOfOutput end) {
            this.to = to;
            this.end = end;
        }

        /** Returns when the other side has ended, or has sent nothing for so long. */
        void awaitSilence(Duration patience) throws InterruptedException {
            heardAt = System.nanoTime();
            long left = patience.toNanos();
            while (left > 0 && !ended.isDone()) {
                try {
                    ended.get(left, TimeUnit.NANOSECONDS);
                } catch (TimeoutException notEnded) {
                    left = isWriting ? patience.toNanos() : heardAt + patience.toNanos() - System.nanoTime();
                } catch (ExecutionException broken) {
                    return;
                }
            }
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            byte[] piece = new byte[data.remaining()];
            data.get(piece);
            isWriting = true; // to somebody who may read slowly
            try {
                to.write(piece);
                to.flush();
                if (to instanceof PrintStream standardOutput && standardOutput.checkError()) {
                    ended.complete(null); // it throws nothing when its reader is gone
                }
                socket.request(1);
            } catch (IOException localEnd) {
                ended.complete(null);
            } finally {
                heardAt = System.nanoTime();
                isWriting = false;
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            try {
                end.close();
            } catch (IOException alreadyClosed) {
                // the local side has closed already
            }
            ended.complete(null);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            ended.completeExceptionally(error);
        }
    }
}
