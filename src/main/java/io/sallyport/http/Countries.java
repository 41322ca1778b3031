package io.sallyport.http;

import com.maxmind.db.CHMCache;
import com.maxmind.db.Reader;
import com.maxmind.geoip2.DatabaseReader;
import com.maxmind.geoip2.exception.GeoIp2Exception;
import com.maxmind.geoip2.model.CountryResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The country of an address, from a database in MaxMind's format that the operator supplies; without one, countries are
 * unknown.
 */
public final class Countries {
    private final @Nullable DatabaseReader database;

    private Countries(@Nullable DatabaseReader database) {
        this.database = database;
    }

    /** Knows no country: {@code geo} rules are undecided. */
    public static Countries unknown() {
        return new Countries(null);
    }

    /**
     * Reads a database into memory.
     *
     * @throws IOException when it cannot be read or is in another format
     */
    public static Countries read(Path file) throws IOException {
        return new Countries(new DatabaseReader.Builder(file.toFile())
                .fileMode(Reader.FileMode.MEMORY)
                .withCache(new CHMCache())
                .build());
    }

    /** ISO 3166-1 alpha-2, upper case; null when the database does not know the address. */
    public @Nullable String of(InetAddress address) {
        DatabaseReader reader = database;
        if (reader == null) {
            return null;
        }
        try {
            return reader.tryCountry(address)
                    .map(CountryResponse::country)
                    .map(country -> country.isoCode())
                    .orElse(null);
        } catch (IOException | GeoIp2Exception unreadable) {
            return null; // undecided, never skipped (FC-06)
        }
    }
}
