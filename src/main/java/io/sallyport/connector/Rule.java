package io.sallyport.connector;

import io.sallyport.http.HostName;
import org.jspecify.annotations.Nullable;

/**
 * One ingress rule.
 *
 * @param hostname as written; empty or {@code *} for every host; a leading {@code *.} matches subdomains of every depth
 * @param path searched anywhere in the decoded path; null for every path
 * @param service as written, for people
 * @param target the service
 */
record Rule(String hostname, @Nullable PathRegex path, String service, Service target, OriginSettings settings) {
    /**
     * Whether it matches. Hosts compare without regard to case; the edge sends them in lower case.
     *
     * @param host without a port, in lower case
     * @param decodedPath without the query, percent-decoded
     */
    boolean matches(String host, String decodedPath) {
        return (isEveryHost() || matchesHost(host)) && (path == null || path.finds(decodedPath));
    }

    private boolean isEveryHost() {
        return hostname.isEmpty() || hostname.equals("*");
    }

    private boolean matchesHost(String host) {
        if (hostname.startsWith("*.")) {
            String suffix = hostname.substring(1);
            return endsWith(host, suffix) || endsWith(host, "." + ascii(suffix.substring(1)));
        }
        return host.equalsIgnoreCase(hostname) || host.equalsIgnoreCase(ascii(hostname));
    }

    private static boolean endsWith(String host, String suffix) {
        return host.length() > suffix.length()
                && host.regionMatches(true, host.length() - suffix.length(), suffix, 0, suffix.length());
    }

    /** The A-label form of an internationalised name. */
    private static String ascii(String name) {
        return HostName.parse(name).map(HostName::value).orElse(name);
    }

    /** As {@code ingress rule} shows it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!hostname.isEmpty()) {
            text.append("\thostname: ").append(hostname).append('\n');
        }
        if (path != null) {
            text.append("\tpath: ").append(path.text()).append('\n');
        }
        return text.append("\tservice: ").append(service).toString();
    }
}
