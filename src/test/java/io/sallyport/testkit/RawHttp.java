package io.sallyport.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** Bytes on a socket, for what HTTP clients refuse to send. */
public final class RawHttp implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    private RawHttp(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /** A response as it came. */
    public record Response(int status, List<Map.Entry<String, String>> fields, byte[] body) {
        /** All values of a field, in order. */
        public List<String> all(String name) {
            return fields.stream()
                    .filter(field -> field.getKey().equalsIgnoreCase(name))
                    .map(Map.Entry::getValue)
                    .toList();
        }

        /** The first value of a field, null when there is none. */
        public @Nullable String first(String name) {
            List<String> values = all(name);
            return values.isEmpty() ? null : values.getFirst();
        }

        /** The body as text. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** Connects to a loopback port. */
    public static RawHttp connect(int port) {
        try {
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            return new RawHttp(socket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects by TLS as the context and parameters say. */
    public static RawHttp secure(int port, SSLContext context, SSLParameters parameters) throws SSLException {
        try {
            SSLSocket socket =
                    (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new RawHttp(socket);
        } catch (SSLException refused) {
            throw refused;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits so long for whatever is read from now on, instead of half a minute. */
    public RawHttp patient(Duration patience) {
        try {
            socket.setSoTimeout(Math.toIntExact(patience.toMillis()));
        } catch (SocketException closed) {
            throw new UncheckedIOException(closed);
        }
        return this;
    }

    /** The TLS session of a secure connection. */
    public SSLSession session() {
        return ((SSLSocket) socket).getSession();
    }

    /** Connects, sends, and returns the one response; the connection is closed afterwards. */
    public static Response exchange(int port, String request) {
        try (RawHttp http = connect(port)) {
            return http.send(request).response();
        }
    }

    /** Sends text, one byte a character. */
    public RawHttp send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes. A peer that has closed already is no failure here: the response says what happened. */
    public RawHttp send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        } catch (SocketException closedByPeer) {
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Sends bytes that the peer must take: one that has closed is a failure. */
    public RawHttp insist(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Ends our side of the connection. */
    public RawHttp finish() {
        try {
            socket.shutdownOutput();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Reads the next response to a request that is no HEAD. */
    public Response response() {
        Response response = tryResponse();
        if (response == null) {
            throw new AssertionError("the connection was closed without a response");
        }
        return response;
    }

    /** The next response, null when the peer closed instead. */
    public @Nullable Response tryResponse() {
        try {
            return read(true);
        } catch (SocketException reset) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the head of the next response and leaves the body to {@link #read(int)}. */
    public Response head() {
        try {
            Response response = read(false);
            if (response == null) {
                throw new AssertionError("the connection was closed without a response");
            }
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads exactly that many bytes, or fewer when the peer closes. */
    public byte[] read(int length) {
        try {
            return in.readNBytes(length);
        } catch (SocketException reset) {
            return new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Everything until the peer closes. */
    public byte[] readToEnd() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            for (int c = in.read(); c >= 0; c = in.read()) {
                all.write(c);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the peer keeps the connection open", e);
        } catch (IOException reset) {
            return all.toByteArray();
        }
        return all.toByteArray();
    }

    /** Whether something comes within that time; it is left to be read. */
    public boolean hasAnswer(Duration within) {
        int before = patience();
        try {
            patient(within);
            in.mark(1);
            int first = in.read();
            in.reset();
            return first >= 0;
        } catch (SocketTimeoutException nothing) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            patient(Duration.ofMillis(before));
        }
    }

    private int patience() {
        try {
            return socket.getSoTimeout();
        } catch (SocketException closed) {
            throw new UncheckedIOException(closed);
        }
    }

    /** Whether the peer closes without another byte. */
    public boolean isClosedByPeer() {
        try {
            return in.read() < 0;
        } catch (SocketTimeoutException stillOpen) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    private @Nullable Response read(boolean withBody) throws IOException {
        String statusLine = line();
        if (statusLine == null) {
            return null;
        }
        if (!statusLine.matches("HTTP/1\\.[01] [1-5][0-9]{2} .*")) {
            throw new AssertionError("not a status line: " + statusLine);
        }
        int status = Integer.parseInt(statusLine.substring(9, 12));
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        for (String field = line(); field != null && !field.isEmpty(); field = line()) {
            int colon = field.indexOf(':');
            fields.add(Map.entry(
                    field.substring(0, colon), field.substring(colon + 1).strip()));
        }
        Response head = new Response(status, fields, new byte[0]);
        if (!withBody || status < 200 || status == 204 || status == 304) {
            return head;
        }
        return new Response(status, fields, body(head));
    }

    private byte[] body(Response head) throws IOException {
        String length = head.first("content-length");
        if (length != null) {
            byte[] body = in.readNBytes(Integer.parseInt(length));
            if (body.length < Integer.parseInt(length)) {
                throw new SocketException("truncated");
            }
            return body;
        }
        if (head.all("transfer-encoding").isEmpty()) {
            return in.readAllBytes();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line();
            if (size == null) {
                throw new SocketException("truncated");
            }
            int chunk = Integer.parseInt(size, 16);
            byte[] bytes = in.readNBytes(chunk);
            if (bytes.length < chunk) {
                throw new SocketException("truncated");
            }
            body.writeBytes(bytes);
            line();
            if (chunk == 0) {
                return body.toByteArray();
            }
        }
    }

    private @Nullable String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                return null;
            }
            line.write(c);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
