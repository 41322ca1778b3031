package io.sallyport.login;

import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import org.springframework.mail.MailPreparationException;
import org.springframework.mail.javamail.JavaMailSender;
import org.springframework.mail.javamail.JavaMailSenderImpl;
import org.springframework.mail.javamail.MimeMessageHelper;

/** Delivers by SMTP ({@code spring.mail.*}). */
final class SmtpPinMailer implements PinMailer {
    private final JavaMailSender sender;
    private final String from;

    /** @param from the sender's address, {@code sallyport.mail.from} */
    SmtpPinMailer(JavaMailSender sender, String from) {
        this.sender = sender;
        this.from = from;
    }

    @Override
    public String probe() throws MessagingException {
        if (!(sender instanceof JavaMailSenderImpl smtp)) {
            return "a mail sender of its own";
        }
        smtp.testConnection();
        return smtp.getHost()
                + (smtp.getPort() > 0 ? ":" + smtp.getPort() : "")
                + (smtp.getUsername() == null ? ", without signing in there" : ", signed in as " + smtp.getUsername());
    }

    @Override
    public void deliver(PinMail mail) {
        sender.send(message(sender, mail, from));
    }

    /** Plain text and HTML as alternatives; marked so that vacation responders do not answer. */
    static MimeMessage message(JavaMailSender sender, PinMail mail, String from) {
        MimeMessage message = sender.createMimeMessage();
        try {
            MimeMessageHelper helper =
                    new MimeMessageHelper(message, MimeMessageHelper.MULTIPART_MODE_MIXED_RELATED, "UTF-8");
            helper.setFrom(from);
            helper.setTo(mail.to().value());
            helper.setSubject(mail.subject());
            helper.setText(mail.text(), mail.html());
            message.setHeader("Auto-Submitted", "auto-generated");
            return message;
        } catch (MessagingException malformed) {
            throw new MailPreparationException(malformed);
        }
    }
}
