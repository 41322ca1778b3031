package io.sallyport.control;

import io.sallyport.token.Sha256;
import io.sallyport.web.Page;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;

/**
 * The files of the dashboard, by the addresses they have on the console's host. A closed list, read once: an address never becomes
 * the name of a file.
 */
final class ConsoleFiles {
    /**
     * Scripts and styles come from files of ours, nothing is ever made from text (Trusted Types), and what is asked for goes to this
     * host alone.
     */
    static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self';"
                    + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script';"
                    + " trusted-types 'none'";

    private static final String FOLDER = "/static/console/";
    private static final List<String> NAMES = List.of(
            "index.html",
            "style.css",
            "icon.svg",
            "app.js",
            "api.js",
            "dom.js",
            "overview.js",
            "decisions.js",
            "applications.js",
            "application-form.js",
            "policies.js",
            "policy-form.js",
            "rules.js",
            "tunnels.js",
            "people.js",
            "providers.js",
            "provider-form.js",
            "lists.js",
            "saving.js",
            "unsaved.js",
            "merging.js",
            "fields.js",
            "names.js",
            "resource.js",
            "groups.js",
            "values.js",
            "tags.js",
            "certificates.js",
            "origins.js",
            "tunnel-routes.js",
            "zones.js",
            "settings.js",
            "custom-pages.js",
            "admin-tokens.js",
            "bookmarks.js",
            "workload-issuers.js",
            "tokens.js",
            "audit.js");

    private final Map<String, Asset> files =
            NAMES.stream().collect(Collectors.toUnmodifiableMap(ConsoleFiles::address, Asset::read));

    /** One file. */
    @SuppressWarnings("ArrayRecordComponent") // handed out as it is, never compared
    record Asset(MediaType type, byte[] content, String tag) {
        static Asset read(String name) {
            byte[] content = bytes(FOLDER + name);
            return new Asset(typeOf(name), content, '"' + hash(content) + '"');
        }

        /** For the headers that every page of ours has. */
        Page page() {
            return new Page(200, "", POLICY);
        }
    }

    /** What lies at an address. */
    Optional<Asset> at(String path) {
        return Optional.ofNullable(files.get(path));
    }

    private static String address(String name) {
        return name.equals("index.html") ? "/" : "/console/" + name;
    }

    private static MediaType typeOf(String name) {
        return MediaType.parseMediaType(
                switch (name.substring(name.lastIndexOf('.') + 1)) {
                    case "html" -> "text/html;charset=utf-8";
                    case "css" -> "text/css;charset=utf-8";
                    case "js" -> "text/javascript;charset=utf-8";
                    case "svg" -> "image/svg+xml";
                    default -> throw new IllegalArgumentException("a file of the dashboard of unknown type: " + name);
                });
    }

    private static byte[] bytes(String resource) {
        try (InputStream file = ConsoleFiles.class.getResourceAsStream(resource)) {
            if (file == null) {
                throw new IllegalStateException(resource + " is missing from the jar");
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String hash(byte[] content) {
        return HexFormat.of().formatHex(Sha256.of(content), 0, 12);
    }
}
