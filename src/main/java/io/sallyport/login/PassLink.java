package io.sallyport.login;

import io.sallyport.session.PassLinks;
import io.sallyport.session.SessionCookie;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import java.util.List;
import java.util.Optional;

/** {@code /cdn-cgi/access/app-pass} on an application host: a one-time link leaves the app pass as a cookie on the device. */
final class PassLink {
    private final PassLinks links;
    private final OneTimeUse once;
    private final Replies replies;

    PassLink(PassLinks links, OneTimeUse once, Replies replies) {
        this.links = links;
        this.once = once;
        this.replies = replies;
    }

    /** Takes the link, once. */
    Reply receive(Visit visit) {
        Optional<String> code = visit.query("code");
        Optional<PassLinks.Link> link = code.flatMap(text -> links.open(text, visit.now()));
        return link.flatMap(found -> application(visit)
                        .flatMap(application -> pass(visit, application, found)
                                .filter(pass -> once.first(Seals.hash(code.orElseThrow()), found.ends()))
                                .map(pass -> replies.redirect(
                                                visit, application.cookies().path())
                                        .with(SessionCookie.pass(application, found.secret(), pass.expiresAt())))))
                .orElseGet(() -> replies.problem(
                        visit,
                        400,
                        "invalid_link",
                        "This link has ended",
                        "It works once and for ten minutes. Make a new app pass on your account page.",
                        List.of()));
    }

    private static Optional<AppPasses.Entry> pass(Visit visit, Application application, PassLinks.Link link) {
        Snapshot snapshot = visit.snapshot();
        return application.passes() == null
                ? Optional.empty()
                : snapshot.appPasses().find(link.secret(), application.id(), snapshot.revocations(), visit.now());
    }

    /** The pass says which application; the host must be one of its own. */
    private static Optional<Application> application(Visit visit) {
        return visit.snapshot().applicationsById().values().stream()
                .filter(application -> application.passes() != null)
                .filter(application ->
                        Destination.isOn(application, visit.context().target().host()))
                .filter(application -> visit.query("aud")
                        .filter(application.audience().value()::equals)
                        .isPresent())
                .findFirst();
    }
}
