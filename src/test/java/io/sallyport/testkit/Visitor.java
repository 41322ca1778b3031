package io.sallyport.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A browser without a window: host-only cookies, redirects, forms. Every name is dialled on loopback, as browsers do for names under
 * localhost, and cookies marked Secure are sent there as well.
 */
public final class Visitor {
    private static final int MOST_REDIRECTS = 12;

    private final Map<String, Map<String, String>> cookies = new ConcurrentHashMap<>();
    private final Map<String, String> headers = new LinkedHashMap<>(Map.of("Accept", "text/html"));

    /** One answer. */
    public record Answer(String url, int status, Map<String, List<String>> headers, String body) {
        /** The first value of a header, empty when it is missing. */
        public String header(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of(""))
                    .getFirst();
        }

        /** All values of a header. */
        public List<String> all(String name) {
            return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
        }

        /** The Set-Cookie line of that name. */
        public Optional<String> setCookie(String name) {
            return all("set-cookie").stream()
                    .filter(line -> line.startsWith(name + "="))
                    .findFirst();
        }

        /** The value of the n-th field of that name in the page. */
        public String field(String name) {
            Matcher field = Pattern.compile("name=\"" + name + "\"[^>]* value=\"([^\"]*)\"")
                    .matcher(body);
            if (!field.find()) {
                throw new AssertionError("no field " + name + " in " + status + " " + url + "\n" + body);
            }
            return field.group(1).replace("&amp;", "&");
        }

        /** The target of the link whose text contains this. */
        public String link(String text) {
            Matcher link = Pattern.compile("<a [^>]*href=\"([^\"]*)\"[^>]*>(.*?)</a>", Pattern.DOTALL)
                    .matcher(body);
            while (link.find()) {
                if (link.group(2)
                        .replaceAll("<[^>]*>", "")
                        .replaceAll("\\s+", " ")
                        .contains(text)) {
                    return link.group(1).replace("&amp;", "&");
                }
            }
            throw new AssertionError("no link " + text + " in " + status + " " + url + "\n" + body);
        }
    }

    /** Sends this header from now on; an empty value stops that. */
    public Visitor header(String name, String value) {
        if (value.isEmpty()) {
            headers.remove(name);
        } else {
            headers.put(name, value);
        }
        return this;
    }

    /** A cookie the browser holds, empty when it holds none. */
    public String cookie(String host, String name) {
        return jar(host).getOrDefault(name, "");
    }

    /** Plants a cookie. */
    public void plant(String host, String name, String value) {
        jar(host).put(name, value);
    }

    /** Another browser with the same cookies. */
    public Visitor copy() {
        Visitor copy = new Visitor();
        cookies.forEach((host, jar) -> copy.jar(host).putAll(jar));
        return copy;
    }

    /** One GET, without following where it leads. */
    public Answer get(String url) {
        return send("GET", url, null);
    }

    /** One request with a method of choice. */
    public Answer request(String method, String url) {
        return send(method, url, null);
    }

    /** A GET and everything it leads to. */
    public Answer open(String url) {
        return follow(get(url));
    }

    /** A posted form, without following where it leads. */
    public Answer post(String url, Map<String, String> form) {
        return send(
                "POST",
                url,
                form.entrySet().stream()
                        .map(field ->
                                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&")));
    }

    /** A posted form and everything it leads to. */
    public Answer submit(String url, Map<String, String> form) {
        return follow(post(url, form));
    }

    /** Where an answer leads. */
    public Answer follow(Answer first) {
        Answer answer = first;
        for (int hop = 0; hop < MOST_REDIRECTS; hop++) {
            if (answer.status() / 100 != 3 || answer.header("location").isEmpty()) {
                return answer;
            }
            answer = get(
                    URI.create(answer.url()).resolve(answer.header("location")).toString());
        }
        throw new AssertionError("redirected too often, last to " + answer.url());
    }

    /** Follows until the next request would go to this path, and returns that URL. */
    public String followUntil(Answer first, String path) {
        Answer answer = first;
        for (int hop = 0; hop < MOST_REDIRECTS; hop++) {
            if (answer.header("location").isEmpty()) {
                throw new AssertionError("never led to " + path + " but to " + answer.status() + " " + answer.url()
                        + "\n" + answer.body());
            }
            URI next = URI.create(answer.url()).resolve(answer.header("location"));
            if (next.getPath().equals(path)) {
                return next.toString();
            }
            answer = get(next.toString());
        }
        throw new AssertionError("redirected too often");
    }

    private Answer send(String method, String url, String form) {
        URI uri = URI.create(url);
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        StringBuilder request = new StringBuilder(method)
                .append(' ')
                .append(uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
                .append(" HTTP/1.1\r\nHost: ")
                .append(uri.getAuthority())
                .append("\r\nConnection: close\r\n");
        headers.forEach(
                (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
        Map<String, String> jar = jar(uri.getHost());
        if (!jar.isEmpty()) {
            request.append("Cookie: ")
                    .append(jar.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")))
                    .append("\r\n");
        }
        if (form != null) {
            request.append("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ")
                    .append(form.length())
                    .append("\r\n");
        }
        request.append("\r\n").append(form == null ? "" : form);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
            Answer answer = parse(url, socket.getInputStream().readAllBytes());
            answer.all("set-cookie").forEach(line -> keep(uri.getHost(), line));
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Map<String, String> jar(String host) {
        return cookies.computeIfAbsent(host, _ -> new ConcurrentHashMap<>());
    }

    private void keep(String host, String line) {
        String[] parts = line.split("; ?");
        int equals = parts[0].indexOf('=');
        String name = parts[0].substring(0, equals);
        for (String part : parts) {
            if (part.startsWith("Expires=")
                    && ZonedDateTime.parse(part.substring(8), DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant()
                            .isBefore(Instant.now())) {
                jar(host).remove(name);
                return;
            }
        }
        jar(host).put(name, parts[0].substring(equals + 1));
    }

    private static Answer parse(String url, byte[] bytes) throws IOException {
        int end = indexOf(bytes, "\r\n\r\n", 0);
        String[] head = new String(bytes, 0, end, StandardCharsets.ISO_8859_1).split("\r\n");
        Map<String, List<String>> headers = new LinkedHashMap<>();
        for (int i = 1; i < head.length; i++) {
            int colon = head[i].indexOf(':');
            headers.computeIfAbsent(head[i].substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(head[i].substring(colon + 1).strip());
        }
        byte[] body = Arrays.copyOfRange(bytes, end + 4, bytes.length);
        if (headers.getOrDefault("transfer-encoding", List.of()).contains("chunked")) {
            body = dechunk(body);
        }
        return new Answer(
                url, Integer.parseInt(head[0].split(" ")[1]), headers, new String(body, StandardCharsets.UTF_8));
    }

    private static byte[] dechunk(byte[] chunked) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        int at = 0;
        while (at < chunked.length) {
            int line = indexOf(chunked, "\r\n", at);
            int size = Integer.parseInt(new String(chunked, at, line - at, StandardCharsets.US_ASCII), 16);
            if (size == 0) {
                break;
            }
            whole.write(chunked, line + 2, size);
            at = line + 2 + size + 2;
        }
        return whole.toByteArray();
    }

    private static int indexOf(byte[] bytes, String text, int from) {
        for (int i = from; i <= bytes.length - text.length(); i++) {
            int matched = 0;
            while (matched < text.length() && bytes[i + matched] == text.charAt(matched)) {
                matched++;
            }
            if (matched == text.length()) {
                return i;
            }
        }
        throw new AssertionError("not an HTTP answer: " + new String(bytes, StandardCharsets.ISO_8859_1));
    }
}
