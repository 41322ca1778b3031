package io.sallyport.cli;

import io.sallyport.transfer.NaclBox;
import io.sallyport.transfer.PairingCode;
import java.io.IOException;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Gets a person's token for an application: from its file, by exchanging the stored token of the team domain, or by a sign-in in a
 * browser.
 */
final class AccessTokens {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String LOGIN = "/cdn-cgi/access/login";
    private static final String AUTHORIZED = "/cdn-cgi/access/authorized";
    private static final int MOST_HOPS = 8;
    private static final int POLLS = 10;
    private static final Duration POLL = Duration.ofSeconds(65);

    private final Terminal terminal;
    private final EdgeHttp http;
    private final TokenFiles files;

    AccessTokens(Terminal terminal, EdgeHttp http) {
        this.terminal = terminal;
        this.http = http;
        this.files = new TokenFiles(terminal.home());
    }

    /** The stored token, unless it has expired. Only the edge knows whether it is still valid. */
    Optional<String> stored(AccessApplication application) {
        return files.read(files.application(application), now());
    }

    /** A token that the edge accepts for the application now. */
    String obtain(AccessApplication application) {
        return inUse(application).orElseGet(() -> renewed(application));
    }

    private Optional<String> inUse(AccessApplication application) {
        return stored(application).filter(token -> opens(application, token));
    }

    private String renewed(AccessApplication application) {
        return files.alone(files.application(application), () -> fresh(application));
    }

    /** Deletes the stored token because the edge refused it. */
    void forget(AccessApplication application) {
        files.forget(files.application(application));
    }

    private String fresh(AccessApplication application) {
        Optional<String> meanwhile = inUse(application);
        if (meanwhile.isPresent()) {
            return meanwhile.get();
        }
        forget(application);
        String token = files.read(files.team(application), now())
                .flatMap(team -> exchange(application, team))
                .orElseGet(() -> signIn(application));
        files.write(files.application(application), token);
        return token;
    }

    /** Asks the edge, which answers without asking the origin. */
    private boolean opens(AccessApplication application, String token) {
        String url = application.url().toString();
        URI check = URI.create(url + (url.contains("?") ? "&" : "?") + "cloudflared_token_check=true");
        HttpResponse<String> answer = http.get(check, Map.of("Cf-Access-Token", token));
        return answer.statusCode() / 100 == 2;
    }

    /** Follows the redirects that a browser would follow. The team's token is sent to the team domain only. */
    private Optional<String> exchange(AccessApplication application, String team) {
        URI next = application.url();
        String appSession = null;
        for (int hop = 0; hop < MOST_HOPS; hop++) {
            Map<String, String> headers = new LinkedHashMap<>();
            boolean ours = isUnder(application.team(), next);
            boolean last = isUnder(application.origin(), next) && next.getPath().equals(AUTHORIZED);
            if (ours && next.getPath().startsWith(LOGIN)) {
                headers.put("Cookie", "CF_Authorization=" + team);
            } else if (last && appSession != null) {
                headers.put("Cookie", "CF_AppSession=" + appSession);
            } else if (!ours && !isUnder(application.origin(), next)) {
                return Optional.empty();
            }
            HttpResponse<String> answer = http.head(next, headers);
            if (last) {
                return cookie(answer, "CF_Authorization");
            }
            appSession = cookie(answer, "CF_AppSession").orElse(appSession);
            Optional<String> location = answer.headers().firstValue("location");
            if (location.isEmpty()) {
                return Optional.empty();
            }
            next = next.resolve(location.get());
        }
        return Optional.empty();
    }

    private static boolean isUnder(URI origin, URI uri) {
        return origin.getScheme().equals(uri.getScheme())
                && origin.getRawAuthority().equals(uri.getRawAuthority());
    }

    private static Optional<String> cookie(HttpResponse<String> answer, String name) {
        return answer.headers().allValues("set-cookie").stream()
                .flatMap(line -> HttpCookie.parse(line.replaceAll("(?i); ?Expires=[^;]*", "")).stream())
                .filter(cookie ->
                        cookie.getName().equals(name) && !cookie.getValue().isEmpty())
                .map(HttpCookie::getValue)
                .findFirst();
    }

    private String signIn(AccessApplication application) {
        NaclBox.KeyPair key = NaclBox.KeyPair.generate();
        String publicKey = Base64.getUrlEncoder().encodeToString(key.publicKey());
        String encoded = URLEncoder.encode(publicKey, StandardCharsets.UTF_8);
        String page = application.origin() + "/cdn-cgi/access/cli?aud=" + application.audience()
                + "&edge_token_transfer=true&send_org_token=true&redirect_url="
                + URLEncoder.encode(application.url().toString(), StandardCharsets.UTF_8) + "&token=" + encoded;
        terminal.err().println("Sign in on this page:\n\n  " + page + "\n");
        terminal.err()
                .println(
                        "It shows the code " + PairingCode.of(publicKey) + ". Approve only if the codes are the same.");
        Browser.open(terminal, page);
        URI transfer = application.team().resolve("/transfer/" + publicKey);
        for (int poll = 0; poll < POLLS; poll++) {
            HttpResponse<String> answer = http.get(transfer, Map.of(), POLL);
            if (answer.statusCode() >= 500) {
                throw new CommandFailure(transfer.getHost() + " answered " + answer.statusCode());
            }
            if (answer.statusCode() == 200 && !answer.body().isEmpty()) {
                return received(application, answer, key);
            }
        }
        throw new CommandFailure("nobody signed in in time; run the command again");
    }

    private String received(AccessApplication application, HttpResponse<String> answer, NaclBox.KeyPair key) {
        try {
            byte[] sender = Base64.getUrlDecoder()
                    .decode(answer.headers().firstValue("service-public-key").orElse(""));
            byte[] box = Base64.getDecoder().decode(answer.body().strip());
            JsonNode tokens = JSON.readTree(NaclBox.open(box, sender, key).orElseThrow());
            String app = tokens.required("app_token").asString();
            files.write(files.team(application), tokens.required("org_token").asString());
            return app;
        } catch (IllegalArgumentException | NoSuchElementException | JacksonException unreadable) {
            throw new CommandFailure("the token that the edge sent cannot be decrypted", unreadable);
        }
    }

    private Instant now() {
        return terminal.clock().instant();
    }

    /** Opens a page if this machine has a browser; otherwise the printed address must suffice. */
    private static final class Browser {
        private Browser() {}

        static void open(Terminal terminal, String page) {
            String system = System.getProperty("os.name", "");
            boolean mac = system.startsWith("Mac");
            boolean screen = mac
                    || terminal.variable("DISPLAY").isPresent()
                    || terminal.variable("WAYLAND_DISPLAY").isPresent();
            if (!screen) {
                return;
            }
            try {
                new ProcessBuilder(List.of(mac ? "open" : "xdg-open", page))
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException noBrowser) {
                terminal.err().println("No browser could be opened; please open the page yourself.");
            }
        }
    }
}
