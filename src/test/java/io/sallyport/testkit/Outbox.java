package io.sallyport.testkit;

import static org.awaitility.Awaitility.await;

import jakarta.mail.BodyPart;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The folder into which a test server drops its mail. */
public final class Outbox {
    private static final Pattern PIN = Pattern.compile("(?m)(?:^|[^0-9])([0-9]{6,8})(?:[^0-9]|$)");

    private final Path folder;

    /** @param folder the server's {@code sallyport.mail.outbox} */
    public Outbox(Path folder) {
        this.folder = folder;
    }

    /** Waits for the n-th mail to this address, counted from one, and returns the code in it. */
    public String pin(String address, int nth) {
        await("mail " + nth + " to " + address)
                .atMost(Duration.ofSeconds(20))
                .until(() -> mailTo(address).size() >= nth);
        Matcher pin = PIN.matcher(text(mailTo(address).get(nth - 1)));
        if (!pin.find()) {
            throw new AssertionError("no code in the mail to " + address);
        }
        return pin.group(1);
    }

    private List<MimeMessage> mailTo(String address) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".eml"))
                    .sorted((a, b) ->
                            Long.compare(a.toFile().lastModified(), b.toFile().lastModified()))
                    .map(Outbox::read)
                    .filter(mail -> isTo(mail, address))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isTo(MimeMessage mail, String address) {
        try {
            return mail.getRecipients(Message.RecipientType.TO)[0].toString().contains(address);
        } catch (MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MimeMessage read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new MimeMessage(Session.getInstance(new Properties()), in);
        } catch (IOException | MessagingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Part part) {
        try {
            if (part.getContent() instanceof Multipart many) {
                for (int i = 0; i < many.getCount(); i++) {
                    BodyPart each = many.getBodyPart(i);
                    if (each.isMimeType("text/plain") || each.isMimeType("multipart/*")) {
                        return text(each);
                    }
                }
                return "";
            }
            return String.valueOf(part.getContent());
        } catch (IOException | MessagingException e) {
            throw new IllegalStateException(e);
        }
    }
}
