package io.sallyport.login;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.mail.MessagingException;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.mail.MailException;

/**
 * Sends mail in the background, so that the page takes the same time whether or not a mail is sent (OT-01), and a slow
 * mail server delays nobody (DO-05). The queue is bounded; what does not fit is dropped and counted, and the person has
 * to ask again.
 */
final class MailQueue implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MailQueue.class);
    private static final int SENDERS = 4;
    private static final int WAITING = 200;

    private final @Nullable PinMailer mailer;
    private final MeterRegistry meters;
    private final ThreadPoolExecutor senders = new ThreadPoolExecutor(
            SENDERS,
            SENDERS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            Thread.ofVirtual().name("mail-", 0).factory());

    /**
     * @param mailer null when no mail server is configured: then one-time PIN is not offered
     */
    MailQueue(@Nullable PinMailer mailer, MeterRegistry meters) {
        this.mailer = mailer;
        this.meters = meters;
        senders.allowCoreThreadTimeOut(true);
    }

    /** Whether mail can be sent. */
    boolean works() {
        return mailer != null;
    }

    /**
     * Connects to the mail server as a delivery would, without sending a message. Blocking.
     *
     * @return where mail goes; empty when no mail server is configured
     */
    Optional<String> probe() throws MessagingException {
        PinMailer to = mailer;
        return to == null ? Optional.empty() : Optional.of(to.probe());
    }

    /** Queues a mail; never blocks. */
    void offer(PinMail mail) {
        PinMailer to = mailer;
        if (to == null) {
            throw new IllegalStateException("one-time PIN is offered although no mail can be sent");
        }
        try {
            senders.execute(() -> deliver(to, mail));
        } catch (RejectedExecutionException full) {
            count("dropped");
            LOG.warn("the mail queue is full; a one-time PIN was not sent");
        }
    }

    private void deliver(PinMailer to, PinMail mail) {
        try {
            to.deliver(mail);
            count("sent");
        } catch (MailException failed) {
            count("failed");
            LOG.warn("a one-time PIN could not be sent: {}", Callback.shorten(String.valueOf(failed.getMessage())));
        }
    }

    private void count(String outcome) {
        meters.counter("sallyport.mails", "outcome", outcome).increment();
    }

    @Override
    public void close() {
        senders.shutdown();
        try {
            if (!senders.awaitTermination(5, TimeUnit.SECONDS)) {
                senders.shutdownNow();
            }
        } catch (InterruptedException stopping) {
            senders.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
