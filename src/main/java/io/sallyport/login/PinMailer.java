package io.sallyport.login;

import jakarta.mail.MessagingException;

/** Delivers one-time PINs. Blocking; called from {@link MailQueue} only. */
interface PinMailer {
    /**
     * Delivers one message.
     *
     * @throws org.springframework.mail.MailException when it cannot
     */
    void deliver(PinMail mail);

    /**
     * Connects and authenticates as a delivery would, without sending a message.
     *
     * @return where messages go, for a sentence that begins "Mail goes to"
     * @throws jakarta.mail.MessagingException when a message could not be delivered
     */
    String probe() throws MessagingException;
}
