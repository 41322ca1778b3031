package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.ClientAddress;
import io.sallyport.http.HostName;
import io.sallyport.identity.Audience;
import io.sallyport.identity.Identity;
import io.sallyport.session.AppTokens;
import io.sallyport.session.LongPolls;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.Application;
import io.sallyport.token.TokenClaims;
import io.sallyport.token.TokenIssuer;
import io.sallyport.transfer.NaclBox;
import io.sallyport.transfer.PairingCode;
import io.sallyport.web.Action;
import io.sallyport.web.CliView;
import io.sallyport.web.FetchMetadata;
import io.sallyport.web.Notice;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Signing in a command line ({@code access login}). The
 * command line makes a key pair, opens {@code /cdn-cgi/access/cli} with the public key on the application's host in the
 * person's browser, and polls {@code /transfer/{key}}. The person signs in on the team domain, compares a short code,
 * approves, and the tokens are left for the command line, sealed to its key.
 */
final class CliLogin {
    /** Path on application hosts and the team domain. */
    static final String PATH = AccessHeaders.RESERVED_PATH + "cli";
    /** Path prefix on the team domain. */
    static final String TRANSFER = "/transfer/";

    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-]{43}=?");
    private static final Duration FORM_LIFE = Duration.ofMinutes(10);
    /** How long a poll is held; less than the minute after which cloudflared gives it up. */
    private static final Duration HELD = Duration.ofSeconds(50);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(500);
    private static final int WAITING_AT_ONCE = 128;
    private static final int OF_ONE_SOURCE = 16;

    private final Sessions sessions;
    private final SessionLedger ledger;
    private final AppTokens tokens;
    private final Seals seals;
    private final CliTransfers transfers;
    private final Replies replies;
    private final Completion completion;
    private final LoginEvents events;
    private final LongPolls polls = new LongPolls(WAITING_AT_ONCE, OF_ONE_SOURCE);

    CliLogin(
            Sessions sessions,
            SessionLedger ledger,
            AppTokens tokens,
            Seals seals,
            CliTransfers transfers,
            Replies replies,
            Completion completion,
            LoginEvents events) {
        this.sessions = sessions;
        this.ledger = ledger;
        this.tokens = tokens;
        this.seals = seals;
        this.transfers = transfers;
        this.replies = replies;
        this.completion = completion;
        this.events = events;
    }

    /** What the command line asked for. */
    private record Asked(Application application, Destination destination, String key) {}

    /** On an application host: redirects to the team domain, where the person has a session. */
    Reply arrive(Visit visit) {
        HostName host = visit.context().target().host();
        return asked(visit, visit.query("aud"), host)
                .map(asked -> replies.redirect(
                        visit,
                        visit.snapshot().settings().issuer() + PATH + "?aud="
                                + asked.destination().audience() + "&host=" + host + "&token=" + encoded(asked.key())))
                .orElseGet(() -> invalid(visit));
    }

    /** On the team domain: asks the person for approval, after a sign-in if necessary. */
    Reply ask(Visit visit) {
        Optional<Asked> asked =
                visit.query("host").flatMap(HostName::parse).flatMap(host -> asked(visit, visit.query("aud"), host));
        if (asked.isEmpty()) {
            return invalid(visit);
        }
        Optional<Identity> person = sessions.global(visit)
                .filter(identity -> LoginMethods.allowed(
                        asked.get().application(), identity.idp().id()));
        if (person.isEmpty()) {
            return replies.redirect(visit, asked.get().destination().loginPath(null));
        }
        // Browsers send our cookies with every request, even one for an image on a foreign page, and whoever chose the
        // key gets the tokens. So without Fetch Metadata that shows where the request comes from, the person is asked.
        if (asked.get().application().skipInterstitial() && FetchMetadata.isOpenedByHand(visit.headers())) {
            return handOver(visit, asked.get(), person.get());
        }
        LoginSession session = LoginSession.of(visit, seals);
        CliForm form = new CliForm(
                asked.get().destination(),
                asked.get().key(),
                session.hash(),
                person.get().nonce().value(),
                visit.now().plus(FORM_LIFE).getEpochSecond());
        CliView view = new CliView(
                asked.get().application().name(),
                person.get().email().value(),
                PairingCode.of(asked.get().key()),
                PATH,
                seals.seal(form));
        return replies.page(
                        visit,
                        replies.pages().cli(Replies.branding(visit.snapshot().settings()), view))
                .with(session.cookie(visit));
    }

    /** {@code POST}: the person approved. */
    Reply approve(Visit visit) {
        Optional<CliForm> form = GivenForm.posted(CliForm.class, visit, seals);
        if (form.isEmpty()) {
            return invalid(visit);
        }
        Destination destination = form.get().destination();
        Optional<Application> application = destination.application(visit.snapshot());
        Optional<Identity> person = sessions.global(visit);
        if (application.isEmpty()
                || person.isEmpty()
                || !Seals.same(person.get().nonce().value(), form.get().person())
                || !LoginMethods.allowed(application.get(), person.get().idp().id())) {
            return invalid(visit);
        }
        return handOver(
                visit, new Asked(application.get(), destination, form.get().key()), person.get());
    }

    private Reply handOver(Visit visit, Asked asked, Identity person) {
        Application application = asked.application();
        AppTokens.Issued issued = tokens.issue(
                visit.snapshot(), application, person, visit.anonymous(asked.destination()), null, visit.now());
        Optional<String> org = sessions.session(visit).map(global -> forOthers(visit, global));
        if (!(issued instanceof AppTokens.Issued.Token token) || org.isEmpty()) {
            return completion.denied(visit, application, asked.destination(), person, issued.judged());
        }
        Optional<CliTransfers.Sealed> sealed = seal(token.compact(), org.get(), asked.key());
        if (sealed.isEmpty()) {
            return invalid(visit);
        }
        ledger.touch(person.nonce(), application.id(), token.expiresAt());
        transfers.leave(canonical(asked.key()), sealed.get(), visit.now());
        events.decided(visit, application, person, issued.judged());
        events.allowed(
                visit, application, person, token.permit().reason().code().word());
        return replies.page(
                visit,
                replies.pages()
                        .notice(
                                Replies.branding(visit.snapshot().settings()),
                                new Notice(
                                        "Your command line is signed in",
                                        "It can open " + application.name()
                                                + " as you. You may close this window and go back to it.",
                                        "Not what you wanted? Sign out everywhere on your account page.",
                                        List.of(new Action(
                                                "Your account",
                                                visit.snapshot().settings().issuer() + "/account")))));
    }

    /** The global session as a token signed with a published key, because command lines read and verify it. */
    private static String forOthers(Visit visit, TokenClaims.Global global) {
        return TokenIssuer.signForOthers(
                visit.snapshot().keys(), visit.snapshot().settings().issuer(), global, visit.now());
    }

    private static Optional<CliTransfers.Sealed> seal(String app, String org, String key) {
        NaclBox.KeyPair ours = NaclBox.KeyPair.generate();
        // Both are compact JWTs: nothing in them needs escaping.
        byte[] plain =
                ("{\"app_token\":\"" + app + "\",\"org_token\":\"" + org + "\"}").getBytes(StandardCharsets.UTF_8);
        try {
            byte[] sealed = NaclBox.seal(plain, Base64.getUrlDecoder().decode(key), ours);
            return Optional.of(new CliTransfers.Sealed(
                    Base64.getUrlEncoder().encodeToString(ours.publicKey()),
                    Base64.getEncoder().encodeToString(sealed)));
        } catch (IllegalArgumentException notAKey) {
            return Optional.empty();
        }
    }

    /**
     * Holds the command line's poll until the tokens are there, or nearly a minute has passed.
     */
    Reply pickUp(Visit visit) {
        String key = visit.lastSegment();
        Optional<LongPolls.Place> place = KEY.matcher(key).matches()
                ? polls.enter(ClientAddress.source(visit.context().client()))
                : Optional.empty();
        if (place.isEmpty()) {
            return replies.json(visit, 404, Map.of("error", "nothing here"));
        }
        try (LongPolls.Place held = place.get()) {
            long begun = System.nanoTime();
            Optional<CliTransfers.Sealed> found = transfers.take(canonical(key), visit.now());
            while (found.isEmpty()
                    && !held.isCalledOff()
                    && !visit.left().get()
                    && System.nanoTime() - begun < HELD.toNanos()) {
                TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
                found = transfers.take(canonical(key), visit.now().plusNanos(System.nanoTime() - begun));
            }
            return found.map(transfer -> hand(visit, transfer))
                    .orElseGet(() -> replies.json(visit, 404, Map.of("error", "nobody signed in yet")));
        } catch (InterruptedException shuttingDown) {
            Thread.currentThread().interrupt();
            return replies.json(visit, 404, Map.of("error", "try again"));
        }
    }

    private Reply hand(Visit visit, CliTransfers.Sealed sealed) {
        Reply reply = replies.text(visit, sealed.box());
        reply.headers().set("service-public-key", sealed.sender());
        return reply;
    }

    /** Names the application on a login answer, for cloudflared before 2026.8. */
    static Reply named(Visit visit, Reply reply) {
        Destination.application(visit).ifPresent(application -> {
            reply.headers().set(AccessHeaders.DOMAIN, application.domain());
            reply.headers().set(AccessHeaders.AUD, application.audience().value());
        });
        return reply;
    }

    private static Optional<Asked> asked(Visit visit, Optional<String> audience, HostName host) {
        Optional<String> key =
                visit.query("token").filter(text -> KEY.matcher(text).matches());
        Optional<Application> application = audience.flatMap(aud -> {
            try {
                return Optional.ofNullable(
                        visit.snapshot().applicationsByAudience().get(new Audience(aud)));
            } catch (IllegalArgumentException notAnAudience) {
                return Optional.empty();
            }
        });
        if (key.isEmpty() || application.isEmpty() || !Destination.isOn(application.get(), host)) {
            return Optional.empty();
        }
        String back = PATH + "?aud=" + application.get().audience() + "&token=" + encoded(key.get());
        Destination destination = new Destination(
                application.get().audience().value(),
                host.value(),
                back,
                null,
                visit.certificate() == null ? null : visit.certificate().commonName());
        return Optional.of(new Asked(application.get(), destination, key.get()));
    }

    /** The key without base64 padding; with and without padding it is the same key. */
    private static String canonical(String key) {
        return key.endsWith("=") ? key : key + "=";
    }

    private static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8);
    }

    private Reply invalid(Visit visit) {
        return replies.problem(
                visit,
                400,
                "invalid_request",
                "This link does not fit",
                "It has ended, was opened in another browser, or was not made by a command line for this application."
                        + " Start the sign-in from the command line again.",
                List.of());
    }
}
