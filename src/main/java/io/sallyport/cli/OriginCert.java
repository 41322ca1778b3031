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
 * A cert.pem. It is not a certificate but an API token with its account and zone. Ours also contain the
 * addresses of API and edge, in members that cloudflared ignores, and the edge's certificate authority as a certificate.
 *
 * @param file the file that it was read from
 */
record OriginCert(
        Path file, String accountId, String zoneId, Secret apiToken, Optional<String> apiUrl, EdgeGuide edge) {
    static final String NAME = "cert.pem";

    private static final String TOKEN_BLOCK = "ARGO TUNNEL TOKEN";
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([^-]+)-----(.*?)-----END \\1-----", Pattern.DOTALL);
    private static final JsonMapper JSON = JsonMapper.shared();

    /** The file given, else that in {@code TUNNEL_ORIGIN_CERT}, else the first in the usual places; empty when there is none. */
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
                    // Files of older clients contain one; it is not used.
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
            // The text holds the token, so no part of it may be in the message.
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
            // Not one of ours: files of older clients contain the client's own certificate, which must not be trusted
            // as an
            // authority.
            return new OriginCert(file, account, zone, new Secret(token), Optional.empty(), EdgeGuide.NONE);
        }
        EdgeGuide edge = new EdgeGuide(EdgeGuide.in(json).address(), certificates);
        return new OriginCert(file, account, zone, new Secret(token), Optional.of(url), edge);
    }
}
