package io.sallyport.login;

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
record MailSettings(@Nullable String from, @Nullable Path outbox) {}
