package io.sallyport.control;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Identifiers as the API spells them. */
final class Ids {
    /** {@link UUID#fromString} alone would also take {@code 1-1-1-1-1}. */
    private static final Pattern UUID_TEXT =
            Pattern.compile("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}");

    private static final SecureRandom RANDOM = new SecureRandom();

    private Ids() {}

    /** Reads a UUID; empty when it is none. */
    static Optional<UUID> parse(String text) {
        return UUID_TEXT.matcher(text).matches()
                ? Optional.of(UUID.fromString(text.toLowerCase(Locale.ROOT)))
                : Optional.empty();
    }

    /** The same id without dashes, as DNS records have it. */
    static String compact(UUID id) {
        return id.toString().replace("-", "");
    }

    /** Reads an id without dashes; empty when it is none. */
    static Optional<UUID> parseCompact(String text) {
        return text.length() == 32
                ? parse(text.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5"))
                : Optional.empty();
    }

    /** Reads the id in a path; what is no UUID names nothing. */
    static UUID inPath(String text) {
        return parse(text).orElseThrow(ApiProblem::notFound);
    }

    /** Whether a stored member is this id. Members are kept as they were sent, in whatever case. */
    static boolean names(JsonNode member, UUID id) {
        return parse(member.asString("")).filter(id::equals).isPresent();
    }

    /** That many random bytes in lower-case hex: audience tags (32 bytes) and client ids (16 bytes). */
    static String randomHex(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return HexFormat.of().formatHex(random);
    }
}
