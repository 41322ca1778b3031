package io.sallyport.login;

import io.sallyport.http.AccessHeaders;
import io.sallyport.http.ClientAddress;
import io.sallyport.identity.Email;
import io.sallyport.identity.IdpRef;
import io.sallyport.session.SessionCookie;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.IdentityProvider;
import io.sallyport.web.Action;
import io.sallyport.web.CodeView;
import io.sallyport.web.LoginView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Signing in with a code by mail: the address form posts to {@code pin/send}, which redirects to the
 * code page, which posts to {@code pin}. The page never tells whether an address is known (OT-01).
 */
final class PinLogin {
    private static final String SEND = AccessHeaders.RESERVED_PATH + "pin/send";
    private static final String ENTER = AccessHeaders.RESERVED_PATH + "pin";
    private static final Duration FORM_LIFE = Duration.ofHours(1);
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9_-]{43}");
    /** RFC 8176: a one-time password. */
    private static final List<String> AMR = List.of("otp");

    private final Sessions sessions;
    private final PinChallenges challenges;
    private final MailQueue mails;
    private final Completion completion;
    private final Seals seals;
    private final Replies replies;
    private final LoginEvents events;

    PinLogin(
            Sessions sessions,
            PinChallenges challenges,
            MailQueue mails,
            Completion completion,
            Seals seals,
            Replies replies,
            LoginEvents events) {
        this.sessions = sessions;
        this.challenges = challenges;
        this.mails = mails;
        this.completion = completion;
        this.seals = seals;
        this.replies = replies;
        this.events = events;
    }

    /** Whether codes can be mailed at all. */
    boolean mailWorks() {
        return mails.works();
    }

    /** The form for the address, for the login page. */
    LoginView.PinForm form(Visit visit, Destination destination, LoginSession session, String email) {
        return new LoginView.PinForm(SEND, seals.seal(pinForm(visit, destination, session.hash())), email);
    }

    /** {@code POST pin/send}: makes a code and mails it, if the address could be admitted. */
    Reply send(Visit visit) {
        Optional<PinForm> form = GivenForm.posted(PinForm.class, visit, seals);
        if (form.isEmpty()) {
            return invalid(visit);
        }
        Optional<Offer> offer = offer(visit, form.get().destination());
        if (offer.isEmpty()) {
            return notOffered(visit);
        }
        Optional<Email> email = visit.form("email").map(String::strip).flatMap(Email::parse);
        return email.isEmpty()
                ? askAgain(visit, offer.get(), form.get())
                : send(visit, offer.get(), form.get(), email.get());
    }

    private Reply send(Visit visit, Offer offer, PinForm form, Email email) {
        Destination destination = form.destination();
        String device = device(visit).orElseGet(seals::random);
        Optional<PinChallenges.Made> made =
                challenges.make(request(visit, email, form.session(), destination, device), visit.now());
        if (made.isEmpty()) {
            return tooMany(visit, destination);
        }
        Application application = offer.application();
        if (application
                .policy()
                .couldAdmit(email, visit.anonymous(destination), offer.pin().id())) {
            mails.offer(mail(visit, application, destination, email, made.get()));
        }
        CodeForm code = new CodeForm(
                made.get().id(),
                email.value(),
                destination,
                form.session(),
                visit.now().plus(PinChallenges.LIFE).getEpochSecond(),
                null);
        return show(visit, code).with(SessionCookie.device(device, visit.now()));
    }

    /** Redirects to the code page, so that neither a reload nor the Back button posts a form again. */
    private Reply show(Visit visit, CodeForm code) {
        return replies.redirect(visit, ENTER + "?form=" + seals.seal(code));
    }

    private static PinChallenges.Request request(
            Visit visit, Email email, String session, Destination destination, @Nullable String device) {
        return new PinChallenges.Request(
                email,
                session,
                destination.audience(),
                ClientAddress.source(visit.context().client()),
                device);
    }

    /** {@code GET pin}: the page that asks for the code, or says what was wrong with the last one; may be reloaded. */
    Reply ask(Visit visit) {
        return visit.query("form")
                .flatMap(text -> seals.open(CodeForm.class, text, visit.now()))
                .filter(code -> LoginSession.matching(visit, code.session()).isPresent())
                .flatMap(code -> offer(visit, code.destination())
                        .map(offer -> isSignedInSince(visit, code) ? onwards(visit, code) : page(visit, offer, code)))
                .orElseGet(() -> invalid(visit));
    }

    /** {@code POST pin}: tries a code. */
    Reply enter(Visit visit) {
        Optional<CodeForm> form = GivenForm.posted(CodeForm.class, visit, seals);
        if (form.isEmpty()) {
            return invalid(visit);
        }
        CodeForm code = form.get();
        Optional<Offer> offer = offer(visit, code.destination());
        return offer.isEmpty() ? notOffered(visit) : enter(visit, offer.get(), code);
    }

    private Reply enter(Visit visit, Offer offer, CodeForm code) {
        Email email = new Email(code.email());
        PinChallenges.Try outcome = challenges.attempt(
                code.challenge(),
                request(
                        visit,
                        email,
                        code.session(),
                        code.destination(),
                        device(visit).orElse(null)),
                visit.form("pin").orElse("").replaceAll("[\\s-]", ""),
                visit.now());
        IdentityProvider.OneTimePin pin = offer.pin();
        IdpRef reference = new IdpRef(pin.id(), pin.type());
        if (outcome != PinChallenges.Try.RIGHT) {
            events.failed(visit, offer.application(), reference, email, "wrong_pin");
        }
        return switch (outcome) {
            case RIGHT ->
                completion.login(
                        visit,
                        offer.application(),
                        code.destination(),
                        new ProvenIdentity(email, null, reference, pin.name(), List.of(), AMR, Map.of()));
            case USED -> isSignedInSince(visit, code) ? onwards(visit, code) : show(visit, code.after(outcome));
            case WRONG, EXHAUSTED, ENDED -> show(visit, code.after(outcome));
        };
    }

    /**
     * Whether the code's person has signed in in this browser since the code was made, as after a double click or the
     * Back button.
     */
    private boolean isSignedInSince(Visit visit, CodeForm code) {
        Instant made = Instant.ofEpochSecond(code.ends()).minus(PinChallenges.LIFE);
        return sessions.global(visit)
                .filter(identity -> identity.email().value().equals(code.email()))
                .filter(identity -> !identity.authenticatedAt().isBefore(made))
                .isPresent();
    }

    private Reply onwards(Visit visit, CodeForm code) {
        return replies.redirect(visit, code.destination().loginPath(null));
    }

    private static @Nullable String error(PinChallenges.@Nullable Try outcome) {
        return switch (outcome) {
            case null -> null;
            case RIGHT -> null;
            case WRONG -> "That code does not match. Check it and try again.";
            case EXHAUSTED -> "Too many wrong codes. Ask for a new one.";
            case USED -> "This code was already used. Ask for a new one.";
            case ENDED -> "This code has ended: it was too old, or you asked for a newer one.";
        };
    }

    /** An application and its one-time PIN method. */
    private record Offer(Application application, IdentityProvider.OneTimePin pin) {}

    private Optional<Offer> offer(Visit visit, Destination destination) {
        return destination
                .application(visit.snapshot())
                .flatMap(application -> LoginMethods.of(visit.snapshot(), application, mailWorks())
                        .pin()
                        .map(pin -> new Offer(application, pin)));
    }

    private Reply page(Visit visit, Offer offer, CodeForm code) {
        boolean usable = code.outcome() == null || code.outcome() == PinChallenges.Try.WRONG;
        return replies.page(
                visit,
                replies.pages()
                        .code(
                                Replies.branding(visit.snapshot().settings()),
                                new CodeView(
                                        offer.application().name(),
                                        code.email(),
                                        ENTER,
                                        seals.seal(code),
                                        SEND,
                                        seals.seal(pinForm(visit, code.destination(), code.session())),
                                        code.destination().loginPath(null),
                                        PinChallenges.DIGITS,
                                        PinChallenges.LIFE.toMinutes(),
                                        error(code.outcome()),
                                        usable)));
    }

    /** Shows the whole login page again: after a mistyped address the person may prefer another method. */
    private Reply askAgain(Visit visit, Offer offer, PinForm form) {
        String here = form.destination().loginPath(null) + "&" + Login.PROVIDER + "=";
        LoginView view = new LoginView(
                offer.application().name(),
                offer.application().logoUrl(),
                LoginMethods.of(visit.snapshot(), offer.application(), mailWorks()).providers().stream()
                        .map(provider -> new LoginView.Method(provider.name(), here + provider.id()))
                        .toList(),
                new LoginView.PinForm(
                        SEND,
                        seals.seal(form),
                        Callback.shorten(visit.form("email").orElse(""))),
                null,
                "That is not an email address we can send to.");
        return replies.page(
                visit, replies.pages().login(Replies.branding(visit.snapshot().settings()), view));
    }

    private Reply tooMany(Visit visit, Destination destination) {
        Reply reply = replies.problem(
                visit,
                429,
                "too_many_codes",
                "Too many codes asked for",
                "Wait a quarter of an hour, then ask for a new one. The newest code you got may still work.",
                List.of(new Action("Back", destination.loginPath(null))));
        reply.headers().set("Retry-After", "900");
        return reply;
    }

    private Reply invalid(Visit visit) {
        return replies.problem(
                visit,
                400,
                "invalid_session",
                "Invalid session",
                "This page has ended, was opened in another browser, or cookies are blocked. Open the application again.",
                List.of());
    }

    private Reply notOffered(Visit visit) {
        return replies.problem(
                visit,
                400,
                "method_not_allowed",
                "Codes by email are not offered",
                "This application is signed in to in another way. Open it again.",
                List.of());
    }

    private static PinMail mail(
            Visit visit, Application application, Destination destination, Email to, PinChallenges.Made made) {
        return new PinMail(
                to,
                application.name(),
                visit.snapshot().settings().organizationName(),
                destination.host(),
                made.pin(),
                visit.now(),
                PinChallenges.LIFE.toMinutes());
    }

    private static PinForm pinForm(Visit visit, Destination destination, String session) {
        return new PinForm(destination, session, visit.now().plus(FORM_LIFE).getEpochSecond());
    }

    /** The browser's CF_Device; empty when it has no well-formed one. */
    private static Optional<String> device(Visit visit) {
        return visit.cookies().values(AccessHeaders.DEVICE_COOKIE).stream()
                .filter(value -> DEVICE.matcher(value).matches())
                .findFirst();
    }
}
