package io.sallyport.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What works once, when everybody comes with it at the same time: the person, and whoever copied it. */
class OnceIT {
    private static final int AT_ONCE = 8;

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    /** How many of them got that cookie. */
    private static int winners(Visitor like, String cookie, Function<Visitor, Answer> step) throws Exception {
        List<Future<Answer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < AT_ONCE; i++) {
                Visitor copy = like.copy();
                answers.add(threads.submit(() -> step.apply(copy)));
            }
        }
        int won = 0;
        for (Future<Answer> answer : answers) {
            won += answer.get().setCookie(cookie).isPresent() ? 1 : 0;
        }
        return won;
    }

    @Test
    void oi01AStateAndTheCodeThatFollowsGiveOneSessionAndOneToken() throws Exception {
        Answer begun = visitor.get(world.url(LoginServer.INSTANT, "/at-once"));
        String callback = visitor.followUntil(begun, "/cdn-cgi/access/callback");
        assertThat(winners(visitor, "CF_Authorization", each -> each.get(callback)))
                .isEqualTo(1);

        Visitor another = new Visitor();
        String authorized = another.followUntil(
                another.get(world.url(LoginServer.INSTANT, "/at-once")), "/cdn-cgi/access/authorized");
        assertThat(winners(another, "CF_Authorization", each -> each.get(authorized)))
                .isEqualTo(1);
    }

    @Test
    void oi14OneLogoutTokenIsTakenOnce() throws Exception {
        String token = world.idp.logoutToken("logout+jwt", UUID.randomUUID().toString(), claims -> claims);
        List<Future<Integer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < AT_ONCE; i++) {
                answers.add(threads.submit(() -> new Visitor()
                        .post(
                                world.url(LoginServer.TEAM, "/cdn-cgi/access/backchannel-logout/" + world.provider),
                                Map.of("logout_token", token))
                        .status()));
            }
        }
        int taken = 0;
        for (Future<Integer> answer : answers) {
            taken += answer.get() == 200 ? 1 : 0;
        }
        assertThat(taken).isEqualTo(1);
    }

    @Test
    void aPassLinkLeavesItsCookieOnOneDevice() throws Exception {
        String host = "once-dav.localhost";
        world.application(host, world.policy("Once", "example.com"), ",\"sallyport_app_passes\":{\"enabled\":true}");
        await("the application to be known")
                .atMost(Duration.ofSeconds(20))
                .until(() -> visitor.open(world.url(LoginServer.INSTANT, "/")).status() == 200
                        && visitor.open(world.url(host, "/")).status() == 200);
        String app = world.admin
                .get("/access/apps?exact=true&domain=" + host)
                .get(0)
                .get("id")
                .asString();
        Answer made = visitor.post(
                world.url(LoginServer.TEAM, "/account/make-app-pass"),
                Map.of(
                        "token",
                        visitor.get(world.url(LoginServer.TEAM, "/account")).field("token"),
                        "app",
                        app,
                        "name",
                        "Once",
                        "days",
                        "30"));
        String link = made.link("this link");
        Visitor phone = new Visitor()
                .header(
                        "Authorization",
                        "Bearer " + made.body().replaceAll("(?s).*>(spass_[A-Za-z0-9_-]{43})<.*", "$1"));
        await("the pass to be known")
                .atMost(Duration.ofSeconds(30))
                .until(() -> phone.get(world.url(host, "/")).status() == 200);

        assertThat(winners(new Visitor(), "CF_AppPass", each -> each.get(link))).isEqualTo(1);
    }
}
