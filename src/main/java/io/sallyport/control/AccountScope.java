package io.sallyport.control;

import io.sallyport.catalog.AccountRepository;
import io.sallyport.catalog.AccountRow;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The account, the zone that stands for all domains, and the zones of single domains. Paths with another {@code
 * accounts/{id}} or {@code zones/{id}} are refused.
 */
final class AccountScope {
    private static final Pattern SCOPED = Pattern.compile("/client/v4/(accounts|zones)/([^/]+)(/.*)?");
    private static final Pattern ZONE_ID = Pattern.compile("[0-9a-f]{32}");

    private final AccountRepository accounts;
    private final JdbcClient jdbc;

    /** Cached for good: the account never changes once it exists. */
    private volatile @Nullable AccountRow known;

    AccountScope(AccountRepository accounts, JdbcClient jdbc) {
        this.accounts = accounts;
        this.jdbc = jdbc;
    }

    /** The account. */
    AccountRow account() {
        AccountRow row = known;
        if (row == null) {
            row = accounts.get();
            known = row;
        }
        return row;
    }

    /** Whether a path is outside every scope, or within ours. A zone path also accepts the account's id. */
    boolean covers(String path) {
        Matcher matcher = SCOPED.matcher(path);
        if (!matcher.matches()) {
            return true;
        }
        String id = matcher.group(2);
        boolean ours = id.equals(account().id());
        return matcher.group(1).equals("accounts") ? ours : known(id).isPresent();
    }

    /**
     * The domain of the zone in the path. The zone may have been deleted since {@link AdminDoor} accepted the path.
     */
    ZoneDomain domain(String zone) {
        return known(zone).orElseThrow(ApiProblem::noRoute);
    }

    private Optional<ZoneDomain> known(String zone) {
        if (zone.equals(account().zoneId()) || zone.equals(account().id())) {
            return Optional.of(ZoneDomain.ALL);
        }
        return ZONE_ID.matcher(zone).matches()
                ? jdbc.sql("select name from zones where id = :id")
                        .param("id", zone)
                        .query(String.class)
                        .optional()
                        .map(name -> new ZoneDomain(Optional.of(name)))
                : Optional.empty();
    }
}
