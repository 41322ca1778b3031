package io.sallyport.control;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The domain that the names in a request's zone belong to.
 *
 * @param name empty for the account's own zone, which stands for all domains, so that names in it are whole
 */
record ZoneDomain(Optional<String> name) {
    /** The zone that stands for all domains. */
    static final ZoneDomain ALL = new ZoneDomain(Optional.empty());

    /** What clients write for the domain itself (RFC 1035 §5.1). */
    private static final String APEX = "@";

    private static final Pattern BELOW_A_DOMAIN = Pattern.compile("@|[\\w-]+");

    /** Whether a record of this name is in the zone. */
    boolean holds(String record) {
        return name.map(domain -> record.equals(domain) || record.endsWith("." + domain))
                .orElse(true);
    }

    /** The whole name of a record: what does not end with the zone's domain is relative to it. */
    String absolute(String written) {
        if (name.isEmpty()) {
            return written;
        }
        String given = written.endsWith(".") ? written.substring(0, written.length() - 1) : written;
        String lower = given.toLowerCase(Locale.ROOT);
        return lower.equals(APEX) ? name.get() : holds(lower) ? lower : lower + "." + name.get();
    }

    /**
     * The whole name of a host.
     *
     * @param member where it was written, for the complaint about one that belongs below a domain where none is known: kept as it
     *     is, it would lead a host that nobody has
     */
    String absoluteHost(Fields fields, String member, String written) {
        if (name.isEmpty() && BELOW_A_DOMAIN.matcher(written).matches()) {
            throw fields.invalid(
                    member,
                    written
                            + " is no whole name, and this zone stands for all domains: write the whole name, or create a zone of"
                            + " the domain with POST /zones and use that one's id");
        }
        return absolute(written);
    }
}
