package io.sallyport.launcher;

import io.sallyport.audit.AuditTrail;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Identity;
import io.sallyport.policy.Decision;
import io.sallyport.session.AppPassLedger;
import io.sallyport.session.PassLinks;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.web.AccountView;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A person's app passes on their account page: where they can be made, making one, and ending it. */
final class OwnPasses {
    private static final Set<String> DAYS = Set.of("30", "90", "365");
    private static final int LONGEST_NAME = 60;

    private final AppPassLedger ledger;
    private final PassLinks links;

    OwnPasses(AppPassLedger ledger, PassLinks links) {
        this.ledger = ledger;
        this.links = links;
    }

    /** What became of a wish for a pass. */
    sealed interface Outcome {
        /** It is there, and its secret is shown now. */
        record Made(AccountView.NewPass pass) implements Outcome {}

        /** Why not, for the person. */
        record Refused(String why) implements Outcome {}
    }

    /** Applications that take passes and that the person may open now. */
    static List<AccountView.PassPlace> places(Guest guest, Identity person) {
        return guest.snapshot().applicationsById().values().stream()
                .filter(application -> takes(guest, application, person))
                .sorted(Comparator.comparing(Application::name, String.CASE_INSENSITIVE_ORDER))
                .map(application -> new AccountView.PassPlace(application.id().toString(), application.name()))
                .toList();
    }

    private static boolean takes(Guest guest, Application application, Identity person) {
        return application.passes() != null
                && Tiles.allows(application, person)
                && Tiles.decide(guest, application, person) instanceof Decision.Permit;
    }

    /** The live ones. */
    List<AccountView.Pass> of(Guest guest, Identity person) {
        return ledger.of(person.user(), guest.now()).stream()
                .map(pass -> new AccountView.Pass(
                        pass.id().toString(),
                        pass.name(),
                        name(guest, pass.application()),
                        Account.ago(Duration.between(pass.createdAt(), guest.now())),
                        used(pass.lastUsedAt(), guest.now()),
                        ends(Duration.between(guest.now(), pass.expiresAt()))))
                .toList();
    }

    private static String name(Guest guest, AppId id) {
        Application application = guest.snapshot().applicationsById().get(id);
        return application == null ? "an application that is gone" : application.name();
    }

    private static String used(@Nullable Instant last, Instant now) {
        return last == null ? "never used" : "last used " + Account.ago(Duration.between(last, now));
    }

    private static String ends(Duration left) {
        return left.toDays() < 1 ? "ends today" : "ends in " + left.toDays() + (left.toDays() == 1 ? " day" : " days");
    }

    /** Makes what the form asks for. */
    Outcome make(Guest guest, Identity person) {
        String name = guest.form("name").map(String::strip).orElse("");
        Optional<Application> application = guest.form("app").flatMap(id -> find(guest, id));
        String days = guest.form("days").orElse("");
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            return new Outcome.Refused("Give the app pass a name of at most " + LONGEST_NAME + " characters.");
        }
        if (application.isEmpty() || !DAYS.contains(days) || !takes(guest, application.get(), person)) {
            return new Outcome.Refused("No app pass can be made for that application.");
        }
        return ledger.make(
                        person,
                        application.get(),
                        name,
                        Duration.ofDays(Long.parseLong(days)),
                        actor(guest, person),
                        guest.now())
                .<Outcome>map(made -> new Outcome.Made(shown(guest, application.get(), made.secret())))
                .orElseGet(() -> new Outcome.Refused("You have as many app passes as anybody may. Revoke one first."));
    }

    private AccountView.NewPass shown(Guest guest, Application application, String secret) {
        AppPasses.Settings settings = application.passes();
        String link =
                Tiles.address(guest.snapshot().settings(), application.domain().replaceAll("/.*", "") + PassLinks.PATH)
                        + "?aud=" + application.audience() + "&code="
                        + URLEncoder.encode(links.seal(secret, guest.now()), StandardCharsets.UTF_8);
        return new AccountView.NewPass(application.name(), secret, settings == null ? null : settings.header(), link);
    }

    /** Ends the one the form names; false when it is not the person's. */
    boolean end(Guest guest, Identity person) {
        return guest.form("pass")
                .flatMap(OwnPasses::uuid)
                .filter(id -> ledger.revoke(person.user(), id, actor(guest, person)))
                .isPresent();
    }

    private static Optional<Application> find(Guest guest, String id) {
        return uuid(id).map(AppId::new).map(guest.snapshot().applicationsById()::get);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException none) {
            return Optional.empty();
        }
    }

    private static AuditTrail.Actor actor(Guest guest, Identity person) {
        return new AuditTrail.Actor(
                person.email().value(),
                guest.context().client().getHostAddress(),
                guest.context().ray());
    }
}
