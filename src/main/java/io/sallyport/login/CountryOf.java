package io.sallyport.login;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** Where an address is, when that is known. */
@FunctionalInterface
interface CountryOf {
    /** ISO 3166-1 alpha-2, or null. */
    @Nullable
    String country(InetAddress client);
}
