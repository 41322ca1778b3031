package io.sallyport.demo;

import jakarta.mail.BodyPart;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.web.util.HtmlUtils;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Shows the mail the demo would have sent, newest first. Loopback only. */
final class Mailbox implements AutoCloseable {
    private static final int SHOWN = 20;

    /** Polls without reloading the page, because a reload would restart a screen reader. */
    private static final String LOOKS_AGAIN = """

            <noscript><meta http-equiv="refresh" content="3"></noscript>
            <script>
            setInterval(async () => {
              const answer = await fetch('/').catch(() => null);
              if (!answer?.ok) return;
              const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
              for (const id of ['count', 'mails']) {
                const [here, there] = [document, fresh].map(page => page.getElementById(id));
                if (here.innerHTML !== there.innerHTML) here.innerHTML = there.innerHTML;
              }
            }, 3000);
            </script>""";

    private final Path outbox;
    private final DisposableServer server;

    /** Starts on the loopback port; 0 picks a free one. */
    Mailbox(Path outbox, int port) {
        this.outbox = outbox;
        server = HttpServer.create()
                .bindAddress(() -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .handle((request, response) -> response.header("Content-Type", "text/html; charset=utf-8")
                        .header("Cache-Control", "no-store")
                        .sendString(Mono.fromCallable(this::page).subscribeOn(Schedulers.boundedElastic()))
                        .then())
                .bindNow();
    }

    /** What to open. */
    String url() {
        return "http://localhost:" + server.port();
    }

    private String page() throws IOException {
        List<Path> newest = newest();
        String count = newest.isEmpty()
                ? "No mail yet. Ask for a code on the sign-in page; this page looks again every three seconds."
                : newest.size() == SHOWN
                        ? "The newest " + SHOWN
                        : newest.size() + (newest.size() == 1 ? " mail" : " mails, the newest first");
        String mails = newest.stream().map(Mailbox::article).collect(Collectors.joining());
        return DemoPage.render(
                "Mailbox",
                LOOKS_AGAIN,
                "<p id=\"count\" role=\"status\">%s</p><div id=\"mails\">%s</div>".formatted(count, mails));
    }

    private List<Path> newest() throws IOException {
        if (!Files.isDirectory(outbox)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(outbox)) {
            return files.filter(file -> file.toString().endsWith(".eml"))
                    .sorted(Comparator.comparingLong(
                                    (Path file) -> file.toFile().lastModified())
                            .reversed())
                    .limit(SHOWN)
                    .toList();
        }
    }

    private static String article(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MimeMessage mail = new MimeMessage(Session.getInstance(new Properties()), in);
            String to = Arrays.stream(Optional.ofNullable(mail.getRecipients(Message.RecipientType.TO))
                            .orElseGet(() -> new jakarta.mail.Address[0]))
                    .map(Object::toString)
                    .collect(Collectors.joining(", "));
            return "<article><h2>%s</h2><p>to %s, %s</p><pre>%s</pre></article>"
                    .formatted(
                            escape(mail.getSubject()),
                            escape(to),
                            escape(String.valueOf(mail.getSentDate())),
                            escape(text(mail)));
        } catch (IOException | MessagingException e) {
            return "<article><p>%s cannot be read: %s</p></article>"
                    .formatted(escape(String.valueOf(file.getFileName())), escape(String.valueOf(e.getMessage())));
        }
    }

    private static String text(jakarta.mail.Part part) throws IOException, MessagingException {
        Object content = part.getContent();
        if (content instanceof Multipart many) {
            for (int i = 0; i < many.getCount(); i++) {
                BodyPart each = many.getBodyPart(i);
                if (each.isMimeType("text/plain") || each.isMimeType("multipart/*")) {
                    return text(each);
                }
            }
            return "";
        }
        return String.valueOf(content);
    }

    private static String escape(String text) {
        return HtmlUtils.htmlEscape(text);
    }

    @Override
    public void close() {
        server.disposeNow(Duration.ofSeconds(2));
    }
}
