package io.sallyport.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads service-token credentials off a request: two headers, or one header with a JSON object. Exactly one complete pair is
 * accepted; repeated or incomplete credentials are {@link Malformed} (ST-03).
 */
sealed interface ServiceCredentials {
    /** Nothing that looks like a service token. */
    record None() implements ServiceCredentials {}

    /** One id and one secret. */
    record Pair(String clientId, String secret) implements ServiceCredentials {
        @Override
        public String toString() {
            return "Pair[" + clientId + ", …]";
        }
    }

    /** Something that looks like a service token but is invalid. */
    record Malformed(String reason) implements ServiceCredentials {}

    /** Reads what a request presented. */
    static ServiceCredentials of(Presented presented) {
        List<ServiceCredentials> found = new ArrayList<>(1);
        Presented.ServiceFields fields = presented.service();
        if (!fields.ids().isEmpty() || !fields.secrets().isEmpty()) {
            found.add(pair(fields.ids(), fields.secrets()));
        }
        for (String value : fields.single()) {
            ServiceCredentials read = SingleHeader.read(value);
            if (!(read instanceof None)) {
                found.add(read);
            }
        }
        return switch (found.size()) {
            case 0 -> new None();
            case 1 -> found.getFirst();
            default -> new Malformed("service token presented twice");
        };
    }

    private static ServiceCredentials pair(List<String> ids, List<String> secrets) {
        if (ids.size() > 1 || secrets.size() > 1) {
            return new Malformed("service token header doubled");
        }
        if (ids.isEmpty()
                || secrets.isEmpty()
                || ids.getFirst().isEmpty()
                || secrets.getFirst().isEmpty()) {
            return new Malformed("half of a service token");
        }
        return new Pair(ids.getFirst(), secrets.getFirst());
    }

    /**
     * The header that an application configures for service tokens, whose value may also be meant for the application.
     */
    final class SingleHeader {
        private static final JsonMapper JSON = JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        private static final int LONGEST = 4096;
        private static final String ID = "cf-access-client-id";
        private static final String SECRET = "cf-access-client-secret";

        private SingleHeader() {}

        static ServiceCredentials read(String value) {
            String lower = value.toLowerCase(Locale.ROOT);
            if (!lower.contains(ID) && !lower.contains(SECRET)) {
                return new None();
            }
            JsonNode json = value.length() > LONGEST ? null : parse(value);
            if (json == null || !json.isObject()) {
                return new Malformed("unreadable single-header service token");
            }
            List<String> ids = new ArrayList<>(1);
            List<String> secrets = new ArrayList<>(1);
            json.properties().forEach(member -> {
                String name = member.getKey().toLowerCase(Locale.ROOT);
                String text = member.getValue().isString() ? member.getValue().asString() : "";
                if (name.equals(ID)) {
                    ids.add(text);
                } else if (name.equals(SECRET)) {
                    secrets.add(text);
                }
            });
            return pair(ids, secrets);
        }

        private static @Nullable JsonNode parse(String value) {
            try {
                return JSON.readTree(value);
            } catch (JacksonException e) {
                return null;
            }
        }
    }
}
