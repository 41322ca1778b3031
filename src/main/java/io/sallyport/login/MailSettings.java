package io.sallyport.login;

import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Settings of the mail with one-time PINs; the mail server is configured by {@code spring.mail.*}.
 *
 * @param from the sender's address; unset: {@code no-reply@} and the team domain
 * @param outbox a folder to write messages to instead of sending them; what the demo sets, and refused unless the
 *     server listens on loopback alone
 */
@ConfigurationProperties(value = "sallyport.mail", ignoreUnknownFields = false)
record MailSettings(@Nullable String from, @Nullable Path outbox) {
    /** @throws IllegalArgumentException when the sender is not a mail address */
    MailSettings {
        try {
            if (from != null && !from.isBlank()) {
                new InternetAddress(from).validate();
            }
        } catch (AddressException e) {
            throw new IllegalArgumentException("sallyport.mail.from is not a mail address: " + from, e);
        }
    }
}
