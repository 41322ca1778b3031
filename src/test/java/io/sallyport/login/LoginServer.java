package io.sallyport.login;

import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.sallyport.testkit.AdminClient;
import io.sallyport.testkit.FakeIdp;
import io.sallyport.testkit.SampleSite;
import io.sallyport.testkit.TestServer;
import io.sallyport.testkit.Visitor;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One whole server with a fake provider, a mail server and a few applications, shared by the login tests of this JVM. */
final class LoginServer {
    static final String TEAM = "auth.localhost";
    /** Staff only; every way to sign in. */
    static final String WIKI = "wiki.localhost";
    /** Staff only; the provider alone, without asking. */
    static final String INSTANT = "instant.localhost";
    /** Nobody we know. */
    static final String VAULT = "vault.localhost";
    /** Staff only, with a binding cookie. */
    static final String BOUND = "bound.localhost";
    /** Staff only, token at once over. */
    static final String BRIEF = "brief.localhost";

    private static LoginServer shared;
    private static boolean broken;

    final GreenMail mail = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
    final FakeIdp idp = FakeIdp.start();
    final SampleSite site = SampleSite.start();
    final TestServer server;
    final AdminClient admin;
    final String provider;
    final Map<String, String> audiences = new HashMap<>();

    static synchronized LoginServer shared() {
        if (broken) {
            throw new AssertionError("the server did not start; the first failure says why");
        }
        if (shared == null) {
            broken = true;
            shared = new LoginServer();
            broken = false;
        }
        return shared;
    }

    private LoginServer() {
        mail.start();
        server = TestServer.start(Map.of(
                        "spring.mail.host", "127.0.0.1",
                        "spring.mail.port", String.valueOf(mail.getSmtp().getPort()),
                        "sallyport.login.requests-per-minute", "5000"))
                .untilTheEnd();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            idp.close();
            site.close();
            mail.stop();
        }));
        admin = server.admin();
        admin.post("/access/identity_providers", "{\"name\":\"Mail\",\"type\":\"onetimepin\",\"config\":{}}");
        provider = admin.post("/access/identity_providers", """
                        {"name":"Fake","type":"oidc","config":{"client_id":"%s","client_secret":"%s","issuer":"%s",
                         "claims":["department"],"pkce_enabled":true}}""".formatted(FakeIdp.CLIENT, FakeIdp.SECRET, idp.issuer()))
                .get("id")
                .asString();
        String staff = policy("Staff", "example.com");
        String strangers = policy("Strangers", "elsewhere.example");
        application(WIKI, staff, "");
        application(
                INSTANT, staff, ",\"allowed_idps\":[\"%s\"],\"auto_redirect_to_identity\":true".formatted(provider));
        application(VAULT, strangers, "");
        application(BOUND, staff, ",\"enable_binding_cookie\":true");
        application(BRIEF, staff, ",\"session_duration\":\"0s\"");
        await("the last application to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> new Visitor().get(url(BRIEF, "/")).status() == 302);
    }

    String url(String host, String path) {
        return server.url(host, path);
    }

    String policy(String name, String domain) {
        return admin.post(
                        "/access/policies",
                        "{\"name\":\"%s\",\"decision\":\"allow\",\"include\":[{\"email_domain\":{\"domain\":\"%s\"}}]}"
                                .formatted(name, domain))
                .get("id")
                .asString();
    }

    void application(String host, String policy, String more) {
        admin.post("/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, site.url()));
        audiences.put(
                host,
                admin.post(
                                "/access/apps",
                                "{\"type\":\"self_hosted\",\"name\":\"%s\",\"domain\":\"%s\",\"policies\":[\"%s\"]%s}"
                                        .formatted(host, host, policy, more))
                        .get("aud")
                        .asString());
    }

    /** The newest mail to an address, once there are that many. */
    String mailTo(String address, int count) {
        await("mail " + count + " to " + address)
                .atMost(Duration.ofSeconds(20))
                .until(() -> mails(address).size() >= count);
        return text(mails(address).get(count - 1));
    }

    /** The code in the n-th mail to an address. */
    String pin(String address, int count) {
        Matcher pin = Pattern.compile("(?m)^ +([0-9]{6})\\s*$").matcher(mailTo(address, count));
        if (!pin.find()) {
            throw new AssertionError("no code in " + mailTo(address, count));
        }
        return pin.group(1);
    }

    List<MimeMessage> mails(String address) {
        return Stream.of(mail.getReceivedMessages())
                .filter(message -> {
                    try {
                        return message.getAllRecipients()[0].toString().equals(address);
                    } catch (MessagingException e) {
                        throw new IllegalStateException(e);
                    }
                })
                .toList();
    }

    static String text(MimeMessage message) {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            message.writeTo(bytes);
            return bytes.toString(StandardCharsets.UTF_8);
        } catch (IOException | MessagingException e) {
            throw new IllegalStateException(e);
        }
    }
}
