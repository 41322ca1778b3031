package io.sallyport.cli;

import io.sallyport.connector.YamlFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** Reads and writes the configuration file as YAML, and resolves references to secrets. */
final class ConfigText {
    private static final List<String> SECRETS = List.of("client_secret", "api_token");

    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .loadSettings(
                            LoadSettings.builder().setCodePointLimit(64 << 20).build())
                    .build())
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .disable(YAMLWriteFeature.SPLIT_LINES)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .enable(YAMLWriteFeature.INDENT_ARRAYS_WITH_INDICATOR)
            .build();

    private ConfigText() {}

    /** The file's text. */
    static String write(JsonNode document) {
        return "# yaml-language-server: $schema=sallyport.schema.json\n" + YAML.writeValueAsString(document);
    }

    /** Reads a file that must hold an object; {@code -} is standard input. JSON is also YAML. */
    static ObjectNode read(String file, Terminal terminal) {
        try {
            String text = file.equals("-")
                    ? new String(terminal.in().readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
            if (YAML.readTree(text) instanceof ObjectNode object) {
                return object;
            }
            throw new CommandFailure(file + " must contain a mapping");
        } catch (NoSuchFileException e) {
            throw new CommandFailure("there is no file " + file, e);
        } catch (JacksonException e) {
            throw new CommandFailure(
                    file + " is not valid YAML: " + YamlFault.inWords(e)
                            + (e.getLocation() == null
                                    ? ""
                                    : " at line " + e.getLocation().getLineNr()),
                    e);
        } catch (IOException e) {
            throw new CommandFailure("cannot read " + file + ": " + Trouble.with(e), e);
        }
    }

    /** Reads a configuration file, as {@link #read} does, and replaces its references by secrets. */
    static ObjectNode complete(String file, Terminal terminal) {
        ObjectNode document = read(file, terminal);
        resolve(document, terminal);
        return document;
    }

    /**
     * Replaces references by secrets. If a variable is not set, its reference stays: for an existing provider the gateway keeps the
     * stored secret, for a new one it reports that the secret is missing.
     */
    static void resolve(ObjectNode document, Terminal terminal) {
        document.path("identity_providers").forEach(provider -> {
            if (provider.get("config") instanceof ObjectNode config) {
                for (String secret : SECRETS) {
                    JsonNode reference = config.path(secret);
                    if (reference.isString()) {
                        throw new CommandFailure("the file contains the " + secret + " of \""
                                + provider.path("name").asString("")
                                + "\" in clear; write {env: VARIABLE} or {file: PATH}");
                    }
                    find(reference, terminal).ifPresent(value -> config.put(secret, value));
                }
            }
        });
    }

    private static Optional<String> find(JsonNode reference, Terminal terminal) {
        String variable = reference.path("env").asString("");
        if (!variable.isEmpty()) {
            return terminal.variable(variable);
        }
        String file = reference.path("file").asString("");
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(Path.of(file)).strip());
        } catch (IOException e) {
            throw new CommandFailure("cannot read the secret in " + file + ": " + Trouble.with(e), e);
        }
    }
}
