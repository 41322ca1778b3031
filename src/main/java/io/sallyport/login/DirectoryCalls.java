package io.sallyport.login;

import io.sallyport.session.OutboundExchange;
import java.io.IOException;
import java.net.URI;
import org.springframework.http.HttpHeaders;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a company's directory page by page. */
final class DirectoryCalls {
    private static final int MOST_PAGES = 50;
    private static final int OK = 200;

    private final OutboundHttp http;
    private final JsonMapper json;

    DirectoryCalls(OutboundHttp http, JsonMapper json) {
        this.http = http;
        this.json = json;
    }

    /** Asks with the person's own access token; returns the answer whatever its status. */
    OutboundExchange.Answer ask(URI url, String token, int page) throws ProviderFailure {
        return asked(url, "Bearer " + token, page);
    }

    /** Asks with these credentials; returns the answer whatever its status. */
    OutboundExchange.Answer asked(URI url, String credentials, int page) throws ProviderFailure {
        if (page >= MOST_PAGES) {
            throw new ProviderFailure("groups_unreadable", "The directory lists more groups than can be read.");
        }
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.AUTHORIZATION, credentials);
        headers.set(HttpHeaders.ACCEPT, "application/json");
        try {
            return http.get(url, headers);
        } catch (IOException failed) {
            throw silent(failed);
        }
    }

    /** The JSON of a successful answer. */
    JsonNode accepted(OutboundExchange.Answer answer) throws ProviderFailure {
        if (answer.status() != OK) {
            throw new ProviderFailure(
                    "groups_unreadable",
                    "The directory does not tell your groups (" + answer.status()
                            + "). An administrator must consent to that once.");
        }
        return read(answer);
    }

    /** The JSON of an answer. */
    JsonNode read(OutboundExchange.Answer answer) throws ProviderFailure {
        try {
            return json.readTree(answer.body());
        } catch (JacksonException garbage) {
            throw silent(garbage);
        }
    }

    private static ProviderFailure silent(Exception failed) {
        return new ProviderFailure("provider_unreachable", "The directory does not answer just now.", failed);
    }
}
