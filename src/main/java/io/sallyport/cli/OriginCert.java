package io.sallyport.cli;

import io.sallyport.connector.ConnectorFile;
import io.sallyport.tunnel.wire.EdgeGuide;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A cert.pem, which is no certificate but an API token with the account and zone it is for (connector-config.md §1.3). Those we make
 * also say where the API and the edge are, in members cloudflared does not know, and carry the edge's authority as a certificate.
 *
 * @param file where it was read
 */
record OriginCert(
        Path file, String accountId, String zoneId, Secret apiToken, Optional<String> apiUrl, EdgeGuide edge) {
    static final String NAME = "cert.pem";

    private static final String TOKEN_BLOCK = "ARGO TUNNEL TOKEN";
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([^-]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The one that is named, else by {@code TUNNEL_ORIGIN_CERT}, else the first found; empty when none is named and none found. */
    static Optional<OriginCert> find(@Nullable Path named, Terminal terminal) {
        return Optional.ofNullable(named)
                .or(() -> terminal.variable("TUNNEL_ORIGIN_CERT").map(Path::of))
                .or(() -> ConnectorFile.directories(terminal.home())
                        .map(directory -> directory.resolve(NAME))
                        .filter(Files::isRegularFile)
                        .findFirst())
                .map(OriginCert::read);
    }

    private static OriginCert read(Path file) {
        try {
            return parse(file, Files.readString(file, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new CommandFailure("cannot read the origin cert " + file + ": " + Trouble.with(e), e);
        }
    }

    /** Reads the text of a file. */
    static OriginCert parse(Path file, String pem) {
        String token = null;
        StringBuilder certificates = new StringBuilder();
        Matcher blocks = BLOCK.matcher(pem);
        while (blocks.find()) {
            switch (blocks.group(1)) {
                case TOKEN_BLOCK -> {
                    if (token != null) {
                        throw new CommandFailure(file + ": found multiple tokens in the certificate");
                    }
                    token = blocks.group(2);
                }
                case "CERTIFICATE" -> certificates.append(blocks.group()).append('\n');
                case "PRIVATE KEY" -> {
                    // Files of older clients carry one; it means nothing.
                }
                default ->
                    throw new CommandFailure(file + ": unknown block " + blocks.group(1) + " in the certificate");
            }
        }
        if (token == null) {
            throw new CommandFailure(file + ": missing token in the certificate");
        }
        return of(file, token, certificates.toString());
    }

    private static OriginCert of(Path file, String base64, String certificates) {
        JsonNode json;
        try {
            json = JSON.readTree(Base64.getMimeDecoder().decode(base64));
        } catch (IllegalArgumentException | JacksonException e) {
            // The text holds the token: nothing of it may be repeated.
            throw new CommandFailure(file + ": the token in the certificate cannot be read");
        }
        String account = json.path("accountID").asString("");
        String zone = json.path("zoneID").asString("");
        String token = json.path("apiToken").asString("");
        if (zone.isEmpty() || token.isEmpty()) {
            throw new CommandFailure(file + ": missing token in the certificate");
        }
        if (account.isEmpty()) {
            throw new CommandFailure(
                    file + ": the certificate names no account and needs to be refreshed: run tunnel login");
        }
        String url = json.path("apiURL").asString("");
        if (url.isEmpty()) {
            // Not of our making: files of older clients carry the client's own certificate, which nobody is to be known
            // by.
            return new OriginCert(file, account, zone, new Secret(token), Optional.empty(), EdgeGuide.NONE);
        }
        EdgeGuide edge = new EdgeGuide(EdgeGuide.in(json).address(), certificates);
        return new OriginCert(file, account, zone, new Secret(token), Optional.of(url), edge);
    }
}
