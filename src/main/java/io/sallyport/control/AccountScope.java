package io.sallyport.control;

import io.sallyport.catalog.AccountRepository;
import io.sallyport.catalog.AccountRow;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The one account and its one zone: every {@code accounts/{id}} and {@code zones/{id}} path accepts only them. */
final class AccountScope {
    private static final Pattern SCOPED = Pattern.compile("/client/v4/(accounts|zones)/([^/]+)(/.*)?");

    private final AccountRepository accounts;

    /** Never changes once it exists, so it is read once. */
    private volatile @Nullable AccountRow known;

    AccountScope(AccountRepository accounts) {
        this.accounts = accounts;
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
        return matcher.group(1).equals("accounts")
                ? ours
                : ours || id.equals(account().zoneId());
    }
}
