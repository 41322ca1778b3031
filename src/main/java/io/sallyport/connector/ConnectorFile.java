package io.sallyport.connector;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A {@code config.yml}: rules, defaults for them, and any option of {@code tunnel} under its flag's name.
 *
 * @param path of the file; used in messages
 */
public record ConnectorFile(Path path, JsonNode document) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final Set<String> OWN_KEYS =
            Set.of("tunnel", "credentials-file", "ingress", "originRequest", "warp-routing");

    /** The first config.yml or config.yaml in cloudflared's directories; empty when there is none. */
    public static Optional<Path> search(Path home) {
        return directories(home)
                .flatMap(directory -> Stream.of(directory.resolve("config.yml"), directory.resolve("config.yaml")))
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /** The directories in which configuration and credentials are searched, in this order. */
    public static Stream<Path> directories(Path home) {
        return Stream.of(
                home.resolve(".cloudflared"),
                home.resolve(".cloudflare-warp"),
                home.resolve("cloudflare-warp"),
                Path.of("/etc/cloudflared"),
                Path.of("/usr/local/etc/cloudflared"));
    }

    /** @throws InvalidConfiguration when the file is missing, unreadable or no YAML map */
    public static ConnectorFile read(Path path) {
        try {
            return parse(path, Files.readString(path));
        } catch (IOException e) {
            throw new InvalidConfiguration("cannot read the config file " + path + ": " + why(e));
        }
    }

    private static String why(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there is no such file";
            case AccessDeniedException _ -> "permission denied to the user " + System.getProperty("user.name");
            case CharacterCodingException _ -> "it is not text in UTF-8";
            default -> String.valueOf(failure.getMessage());
        };
    }

    /** Reads the text of a file. */
    public static ConnectorFile parse(Path path, String yaml) {
        JsonNode document;
        try {
            document = YAML.readTree(yaml);
        } catch (JacksonException e) {
            throw new InvalidConfiguration("error parsing YAML in config file at %s: line %d: %s"
                    .formatted(path, e.getLocation().getLineNr(), YamlFault.inWords(e)));
        }
        if (document.isMissingNode() || document.isNull()) {
            document = JsonNodeFactory.instance.objectNode();
        }
        Keys.of("the config file " + path, document, Spelling.FILE);
        return new ConnectorFile(path, document);
    }

    /** Whether it contains rules. */
    public boolean hasIngress() {
        return document.path("ingress").size() > 0;
    }

    /** @throws InvalidConfiguration when a rule is invalid */
    public Ingress ingress() {
        return Ingress.read(document.path("ingress"), document.path("originRequest"), Spelling.FILE);
    }

    /**
     * The value of an option, under its flag's name.
     *
     * @throws InvalidConfiguration when it is a list with elements that are not texts
     */
    public Optional<String> option(String name) {
        JsonNode value = document.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (value.isArray()) {
            return Optional.of(String.join(",", new Keys("", document, Spelling.FILE).texts(name)));
        }
        if (value.isObject()) {
            throw new InvalidConfiguration("expected string found map for " + name);
        }
        return Optional.of(value.asString());
    }

    PrivateNetwork privateNetwork() {
        JsonNode written = document.path("warp-routing");
        boolean enabled = Keys.of("warp-routing", written, Spelling.FILE).flag("enabled", false);
        return PrivateNetwork.read(written, enabled, Spelling.FILE);
    }

    /** The paths of unknown keys. They are reported, because a typo in a security setting must not go unnoticed. */
    public Set<String> unusedKeys(Set<String> options) {
        Set<String> unused = new TreeSet<>();
        document.propertyNames().stream()
                .filter(key -> !OWN_KEYS.contains(key) && !options.contains(key))
                .forEach(unused::add);
        unused.addAll(unusedOrigin("originRequest", document.path("originRequest")));
        for (int i = 0; i < document.path("ingress").size(); i++) {
            JsonNode rule = document.path("ingress").get(i);
            String where = "ingress[" + i + "].";
            rule.propertyNames().stream()
                    .filter(key -> !Ingress.RULE_KEYS.contains(key))
                    .forEach(key -> unused.add(where + key));
            unused.addAll(unusedOrigin(where + "originRequest", rule.path("originRequest")));
        }
        return unused;
    }

    private static List<String> unusedOrigin(String where, JsonNode settings) {
        List<String> unused = new ArrayList<>();
        settings.propertyNames().stream()
                .filter(key -> !OriginSettings.KEYS.contains(key))
                .forEach(key -> unused.add(where + "." + key));
        settings.path("access").propertyNames().stream()
                .filter(key -> !AccessRequirement.KEYS.contains(key))
                .forEach(key -> unused.add(where + ".access." + key));
        return unused;
    }
}
