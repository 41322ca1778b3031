package io.sallyport.bench;

import io.sallyport.testkit.RawHttp;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** One browser as far as a login goes: cookies for each host, and a connection for each that is kept, as browsers keep them. */
final class KeptBrowser implements AutoCloseable {
    private final Map<String, RawHttp> connections = new HashMap<>();
    private final Map<String, Map<String, String>> cookies = new HashMap<>();

    /** One page; where it leads is the caller's. */
    RawHttp.Response get(String url) {
        URI uri = URI.create(url);
        Map<String, String> jar = cookies.computeIfAbsent(uri.getHost(), _ -> new HashMap<>());
        String cookie = jar.isEmpty()
                ? ""
                : "Cookie: "
                        + jar.entrySet().stream()
                                .map(each -> each.getKey() + "=" + each.getValue())
                                .collect(Collectors.joining("; "))
                        + "\r\n";
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        RawHttp.Response answer = connections
                .computeIfAbsent(uri.getAuthority(), _ -> RawHttp.connect(uri.getPort()))
                .send("GET " + (uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery())
                        + " HTTP/1.1\r\nHost: " + uri.getAuthority() + "\r\nAccept: text/html\r\n" + cookie + "\r\n")
                .response();
        for (String line : answer.all("set-cookie")) {
            String pair = line.substring(0, line.indexOf(';'));
            jar.put(pair.substring(0, pair.indexOf('=')), pair.substring(pair.indexOf('=') + 1));
        }
        return answer;
    }

    @Override
    public void close() {
        connections.values().forEach(RawHttp::close);
    }
}
