package io.sallyport.login;

import io.sallyport.identity.Email;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.springframework.web.util.HtmlUtils;

/**
 * The message with a one-time PIN. The code is in the body only, never in the subject and never in a link: mail scanners open links,
 * and subjects show on locked screens (OT-05).
 *
 * @param host where the person is about to sign in, so that they can tell whether they asked
 */
record PinMail(
        Email to,
        String applicationName,
        String organizationName,
        String host,
        String pin,
        Instant asked,
        long minutes) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    /** One line, without line breaks an application's name could smuggle in. */
    String subject() {
        return ("Your sign-in code for " + applicationName).replaceAll("\\p{C}+", " ");
    }

    /** The message as plain text. */
    String text() {
        return """
                Your code to sign in to %s:

                    %s

                Enter it on the page where you asked for it. It works once, in that browser,
                for %d minutes.

                Asked for at %s for %s.
                Did not ask? Then somebody typed your address; you need not do anything.
                Nobody from %s will ever ask you for this code.
                """.formatted(applicationName, pin, minutes, TIME.format(asked), host, sender());
    }

    /** The same as HTML, for mail programs that prefer it. */
    String html() {
        return """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"></head>
                <body style="margin:0;padding:24px;font:16px/1.5 -apple-system,'Segoe UI',Roboto,Arial,sans-serif">
                <div style="max-width:440px;margin:0 auto">
                <p style="margin:0 0 16px">Your code to sign in to <strong>%s</strong>:</p>
                <p style="margin:0 0 16px;padding:18px;border:1px solid #8a92a0;border-radius:10px;text-align:center;\
                font:700 30px/1.2 Consolas,Menlo,monospace;letter-spacing:6px">%s</p>
                <p style="margin:0 0 16px">Enter it on the page where you asked for it. It works once, in that browser, \
                for %d minutes.</p>
                <p style="margin:0;font-size:14px;opacity:.75">Asked for at %s for %s. Did not ask? Then somebody typed \
                your address; you need not do anything. Nobody from %s will ever ask you for this code.</p>
                </div></body></html>
                """.formatted(
                escape(applicationName), escape(pin), minutes, TIME.format(asked), escape(host), escape(sender()));
    }

    @Override
    public String toString() {
        return "PinMail[" + to + ", " + applicationName + ", …]";
    }

    private String sender() {
        return organizationName.isBlank() ? "your organisation" : organizationName;
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text, "UTF-8");
    }
}
