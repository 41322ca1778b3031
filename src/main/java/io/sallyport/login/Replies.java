package io.sallyport.login;

import io.sallyport.snapshot.Settings;
import io.sallyport.web.Action;
import io.sallyport.web.Answers;
import io.sallyport.web.Branding;
import io.sallyport.web.Page;
import io.sallyport.web.Pages;
import io.sallyport.web.Problem;
import io.sallyport.web.SecurityHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/** Makes replies: pages, redirects, JSON, each with the security headers of ER-01. */
final class Replies {
    private static final MediaType HTML = MediaType.parseMediaType("text/html;charset=utf-8");

    private final Pages pages;
    private final Answers answers;
    private final JsonMapper json;

    Replies(Pages pages, Answers answers, JsonMapper json) {
        this.pages = pages;
        this.answers = answers;
        this.json = json;
    }

    /** The pages to render with. */
    Pages pages() {
        return pages;
    }

    /** A rendered page. */
    Reply page(Visit visit, Page page) {
        HttpHeaders headers = new HttpHeaders();
        SecurityHeaders.write(headers, page, visit.context().secure());
        headers.setContentType(HTML);
        return new Reply(page.status(), headers, page.html().getBytes(StandardCharsets.UTF_8));
    }

    /** Sends the browser on with a GET. */
    Reply redirect(Visit visit, String location) {
        HttpHeaders headers = new HttpHeaders();
        SecurityHeaders.write(headers, visit.context().secure());
        headers.setLocation(URI.create(location));
        return new Reply(visit.form().isEmpty() ? 302 : 303, headers, new byte[0]);
    }

    /** Something went wrong: a page for people with what they can do next, JSON for programs. */
    Reply problem(Visit visit, int status, String code, String title, String message, List<Action> next) {
        return problem(visit, status, code, title, message, null, next);
    }

    /** The same with one more line. */
    Reply problem(
            Visit visit,
            int status,
            String code,
            String title,
            String message,
            @Nullable String detail,
            List<Action> next) {
        Problem problem =
                new Problem(status, code, title, message, visit.context().ray(), detail);
        if (answers.wantsPage(visit.headers())) {
            return page(visit, pages.problem(branding(visit.snapshot().settings()), problem, next));
        }
        return raw(visit, status, answers.json(problem));
    }

    /** Whether the visit is a person's in front of a browser. */
    boolean wantsPage(Visit visit) {
        return answers.wantsPage(visit.headers());
    }

    /** A JSON answer. */
    Reply json(Visit visit, int status, Object body) {
        return raw(visit, status, json.writeValueAsBytes(body));
    }

    /** A plain text. */
    Reply text(Visit visit, String body) {
        HttpHeaders headers = new HttpHeaders();
        SecurityHeaders.write(headers, visit.context().secure());
        headers.setContentType(MediaType.TEXT_PLAIN);
        return new Reply(200, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Reply raw(Visit visit, int status, byte[] body) {
        HttpHeaders headers = new HttpHeaders();
        SecurityHeaders.write(headers, visit.context().secure());
        headers.setContentType(MediaType.APPLICATION_JSON);
        return new Reply(status, headers, body);
    }

    /** The organisation's look. */
    static Branding branding(Settings settings) {
        Settings.LoginDesign design = settings.loginDesign();
        return new Branding(
                settings.organizationName(),
                design.backgroundColor(),
                design.textColor(),
                design.logoUrl(),
                design.headerText(),
                design.footerText());
    }
}
