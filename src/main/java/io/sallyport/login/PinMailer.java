package io.sallyport.login;

/** Delivers one-time PINs. Blocking; called from {@link MailQueue} only. */
interface PinMailer {
    /**
     * Delivers one message.
     *
     * @throws org.springframework.mail.MailException when it cannot
     */
    void deliver(PinMail mail);
}
