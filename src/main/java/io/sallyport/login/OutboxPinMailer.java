package io.sallyport.login;

import jakarta.mail.MessagingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.mail.MailSendException;
import org.springframework.mail.javamail.JavaMailSenderImpl;

/**
 * Writes messages into a folder and the log instead of sending them: for the demo, where nobody has a mail server. This
 * is the only place where a code is logged (LO-01).
 */
final class OutboxPinMailer implements PinMailer {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxPinMailer.class);

    private final JavaMailSenderImpl sender = new JavaMailSenderImpl();
    private final Path folder;
    private final String from;

    OutboxPinMailer(Path folder, String from) {
        this.folder = folder;
        this.from = from;
    }

    /**
     * Checks that the server listens on loopback only, because codes are readable in a folder and in the log.
     *
     * @param address of {@code server.address}
     * @throws OutboxRefused when other machines can reach it
     */
    static void checkItStaysHere(String address) {
        if (!isLoopback(address)) {
            throw new OutboxRefused("sallyport.mail.outbox writes one-time PINs into a folder and the log, which is for"
                    + " a server on loopback alone: set spring.mail.host instead, or server.address=127.0.0.1");
        }
    }

    private static boolean isLoopback(String address) {
        try {
            return address.equals("localhost") || InetAddress.ofLiteral(address).isLoopbackAddress();
        } catch (IllegalArgumentException noAddress) {
            return false;
        }
    }

    /** Stops the start. */
    static final class OutboxRefused extends RuntimeException {
        OutboxRefused(String message) {
            super(message);
        }
    }

    @Override
    public String probe() throws MessagingException {
        if (!Files.isDirectory(folder) && folder.toFile().exists()) {
            throw new MessagingException("the outbox " + folder + " is no directory");
        }
        return "the folder " + folder + " and to no mailbox";
    }

    @Override
    public void deliver(PinMail mail) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            SmtpPinMailer.message(sender, mail, from).writeTo(bytes);
            Files.createDirectories(folder);
            String name = mail.asked().toEpochMilli() + "-" + UUID.randomUUID();
            Path written = Files.write(folder.resolve(name + ".tmp"), bytes.toByteArray());
            Files.move(written, folder.resolve(name + ".eml"), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | MessagingException failed) {
            throw new MailSendException("the outbox " + folder + " cannot be written", failed);
        }
        LOG.info("mail for {}: the code for {} is {}", mail.to(), mail.applicationName(), mail.pin());
    }
}
