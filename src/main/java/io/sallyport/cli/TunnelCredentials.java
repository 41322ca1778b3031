package io.sallyport.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a tunnel is run with: the file {@code UUID.json} that cloudflared reads too (connector-config.md §1.1). */
record TunnelCredentials(
        @JsonProperty("AccountTag") String account,
        @JsonProperty("TunnelSecret") String secret,
        @JsonProperty("TunnelID") String tunnel) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Reads a token: the same in base64 (§1.2). */
    static TunnelCredentials ofToken(String token) {
        try {
            JsonNode json = JSON.readTree(new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8));
            return new TunnelCredentials(
                    json.path("a").asString(""),
                    json.path("s").asString(""),
                    json.path("t").asString(""));
        } catch (IllegalArgumentException | JacksonException e) {
            throw new CommandFailure("the gateway's token cannot be read");
        }
    }

    /** Where it lies unless somebody says otherwise. */
    static Path usual(Path directory, String tunnel) {
        return directory.resolve(tunnel + ".json");
    }

    void write(Path file) {
        PrivateFile.create(file, JSON.writeValueAsString(this));
    }

    /** The secret stays out of logs. */
    @Override
    public String toString() {
        return "TunnelCredentials[" + tunnel + "]";
    }
}
