package io.sallyport.login;

import io.sallyport.session.PassLinks;
import io.sallyport.session.SessionCookie;
import io.sallyport.snapshot.AppPasses;
import io.sallyport.snapshot.Application;
import io.sallyport.snapshot.Snapshot;
import io.sallyport.web.Action;
import io.sallyport.web.Notice;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
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

    /**
     * Redeems the link, once. When a page of another site led here, it asks for confirmation first, because the cookie
     * decides whose pass this browser uses from then on.
     */
    Reply receive(Visit visit) {
        Optional<String> code = visit.query("code");
        Optional<PassLinks.Link> link = code.flatMap(text -> links.open(text, visit.now()));
        return link.flatMap(found -> application(visit)
                        .flatMap(application -> pass(visit, application, found)
                                .flatMap(pass -> isLedByAnotherSite(visit)
                                        ? Optional.of(ask(visit, application, pass, code.orElseThrow()))
                                        : take(visit, application, found, pass, code.orElseThrow()))))
                .orElseGet(() -> replies.problem(
                        visit,
                        400,
                        "invalid_link",
                        "This link has ended",
                        "It works once and for ten minutes. Make a new app pass on your account page.",
                        List.of()));
    }

    private Optional<Reply> take(
            Visit visit, Application application, PassLinks.Link link, AppPasses.Entry pass, String code) {
        return once.first(Seals.hash(code), link.ends())
                ? Optional.of(replies.redirect(visit, application.cookies().path())
                        .with(SessionCookie.pass(application, link.secret(), pass.expiresAt())))
                : Optional.empty();
    }

    /**
     * Whether another site's page led here, by the {@code Sec-Fetch-Site} field, which pages cannot set (W3C Fetch
     * Metadata). Programs that do not send it follow no links.
     */
    private static boolean isLedByAnotherSite(Visit visit) {
        String site = visit.headers().getFirst("Sec-Fetch-Site");
        return site != null && !site.equals("none") && !site.equals("same-origin");
    }

    /** Asks for confirmation; the link to continue then comes from a page of this host. */
    private Reply ask(Visit visit, Application application, AppPasses.Entry pass, String code) {
        String again = PassLinks.PATH + "?aud=" + application.audience() + "&code="
                + URLEncoder.encode(code, StandardCharsets.UTF_8);
        return replies.page(
                visit,
                replies.pages()
                        .notice(
                                Replies.branding(visit.snapshot().settings()),
                                Notice.plain(
                                        "Open " + application.name() + " as " + pass.email() + "?",
                                        "This browser will be " + pass.email() + " there until the app pass ends."
                                                + " Not you? Then close this page.",
                                        List.of(new Action("Open it", again)))));
    }

    private static Optional<AppPasses.Entry> pass(Visit visit, Application application, PassLinks.Link link) {
        Snapshot snapshot = visit.snapshot();
        return application.passes() == null
                ? Optional.empty()
                : snapshot.appPasses().find(link.secret(), application.id(), snapshot.revocations(), visit.now());
    }

    /** The application of the pass, if this host is one of its own. */
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
