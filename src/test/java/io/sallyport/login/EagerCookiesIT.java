package io.sallyport.login;

import static io.sallyport.login.LoginServer.TEAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sallyport.testkit.Visitor;
import io.sallyport.testkit.Visitor.Answer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One login gives every host of an application its cookie ({@code eager_redirect_cookie_setting}), and no other browser any. */
class EagerCookiesIT {
    private static final String TOUR = "/cdn-cgi/access/hosts";
    private static final String AUTHORIZED = "/cdn-cgi/access/authorized";
    private static final int MOST_REDIRECTS_OF_BROWSERS = 20;

    private final LoginServer world = LoginServer.shared();
    private final Visitor visitor = new Visitor();

    @BeforeEach
    void behave() {
        world.idp.behave();
    }

    /** An application on these hosts. */
    private void publish(List<String> hosts, String more) {
        hosts.forEach(host -> world.admin.post(
                "/sallyport/origins", "{\"hostname\":\"%s\",\"service\":\"%s\"}".formatted(host, world.site.url())));
        world.admin.post("/access/apps", """
                {"type":"self_hosted","name":"Many","destinations":[%s],"policies":["%s"]%s}""".formatted(
                        hosts.stream()
                                .map("{\"type\":\"public\",\"uri\":\"%s\"}"::formatted)
                                .collect(Collectors.joining(",")),
                        world.policy("Staff of " + hosts.getFirst(), "example.com"),
                        more));
        await("the application")
                .until(() -> new Visitor().get(world.url(hosts.getLast(), "/")).status() == 302);
    }

    /** The redirects from the login page's button to the page at the end. */
    private List<Answer> signIn(Visitor who, String host, String path) {
        Answer page = who.open(world.url(host, path));
        return walk(who, who.get(world.url(TEAM, page.link("Continue with Fake"))));
    }

    private static List<Answer> walk(Visitor who, Answer first) {
        List<Answer> hops = new ArrayList<>(List.of(first));
        while (hops.getLast().status() / 100 == 3) {
            Answer last = hops.getLast();
            hops.add(who.get(
                    URI.create(last.url()).resolve(last.header("location")).toString()));
        }
        return hops;
    }

    private static List<String> hosts(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + i + ".localhost").toList();
    }

    private List<String> planted(Visitor who, List<String> hosts) {
        return hosts.stream()
                .filter(host -> !who.cookie(host, "CF_Authorization").isEmpty())
                .toList();
    }

    @Test
    void oneLoginOpensAllHostsAndEndsOnThePersonsPage() {
        List<String> hosts = hosts("suite", 3);
        publish(hosts, "");
        List<Answer> hops = signIn(visitor, hosts.get(1), "/docs?x=1");

        assertThat(hops.getLast().url()).isEqualTo(world.url(hosts.get(1), "/docs?x=1"));
        assertThat(hops.getLast().status()).isEqualTo(200);
        assertThat(planted(visitor, hosts)).isEqualTo(hosts);
        assertThat(hosts.stream().map(host -> visitor.get(world.url(host, "/x")).status()))
                .containsOnly(200);
        assertThat(hops.stream()
                        .filter(hop -> hop.setCookie("CF_Authorization").isPresent()
                                && !hop.url().contains(TEAM))
                        .map(hop -> hop.setCookie("CF_Authorization").orElseThrow()))
                .hasSize(3)
                .allSatisfy(line -> assertThat(line)
                        .contains("; Path=/", "; Expires=", "; Secure", "; HttpOnly")
                        .doesNotContainIgnoringCase("domain="));
        assertThat(hops).allSatisfy(hop -> {
            if (hop.url().contains(TOUR)) {
                assertThat(hop.header("cache-control")).isEqualTo("no-store");
                assertThat(hop.header("referrer-policy")).isEqualTo("no-referrer");
            }
        });
    }

    @Test
    void whatIsSwitchedOffOrHasManyHostsUnsaidSignsInOnOneHostOnly() {
        List<String> off = hosts("off", 2);
        publish(off, ",\"eager_redirect_cookie_setting\":false");
        signIn(visitor, off.getFirst(), "/");
        assertThat(planted(visitor, off)).containsExactly(off.getFirst());

        List<String> six = hosts("six", 6);
        publish(six, "");
        visitor.open(world.url(six.getFirst(), "/"));
        assertThat(planted(visitor, six)).containsExactly(six.getFirst());
    }

    @Test
    void manyHostsAreVisitedAsFarAsBrowsersFollow() {
        List<String> ten = hosts("ten", 10);
        publish(ten, ",\"eager_redirect_cookie_setting\":true");
        List<Answer> hops = signIn(visitor, ten.getFirst(), "/");
        assertThat(hops.getLast().status()).isEqualTo(200);
        assertThat(planted(visitor, ten)).isEqualTo(ten.subList(0, 8));
        assertThat(hops.size() - 1).isLessThanOrEqualTo(MOST_REDIRECTS_OF_BROWSERS);
        List<Answer> rest = walk(visitor, visitor.get(world.url(ten.getLast(), "/")));
        assertThat(rest.getLast().url()).as("the rest opens silently").isEqualTo(world.url(ten.getLast(), "/"));
        assertThat(rest.size() - 1).isLessThanOrEqualTo(MOST_REDIRECTS_OF_BROWSERS);
    }

    @Test
    void aBindingCookieIsPlantedBesideEach() {
        List<String> hosts = hosts("bind", 2);
        publish(hosts, ",\"enable_binding_cookie\":true");
        signIn(visitor, hosts.getFirst(), "/");
        assertThat(Stream.of(0, 1).map(i -> visitor.cookie(hosts.get(i), "CF_Binding")))
                .doesNotContain("")
                .doesNotHaveDuplicates();
        assertThat(visitor.get(world.url(hosts.get(1), "/")).status()).isEqualTo(200);
    }

    @Test
    void briefTokensAndProgramsGetNoTour() {
        List<String> hosts = hosts("brief", 2);
        publish(hosts, ",\"session_duration\":\"0s\"");
        assertThat(signIn(visitor, hosts.getFirst(), "/"))
                .noneMatch(hop -> hop.url().contains(TOUR));

        List<String> more = hosts("program", 2);
        publish(more, "");
        Visitor person = new Visitor();
        signIn(person, more.getFirst(), "/");
        Visitor tool = new Visitor().header("Accept", "");
        tool.plant(TEAM, "CF_Authorization", person.cookie(TEAM, "CF_Authorization"));
        Answer page = tool.open(world.url(more.getFirst(), "/data"));
        assertThat(page.url()).isEqualTo(world.url(more.getFirst(), "/data"));
        assertThat(planted(tool, more)).containsExactly(more.getFirst());
    }

    @Test
    void cs03ALinkIntoSomebodyElsesTourPlantsNothing() {
        List<String> hosts = hosts("lure", 3);
        publish(hosts, "");
        Answer page = visitor.open(world.url(hosts.getFirst(), "/"));
        Answer begun = visitor.get(world.url(TEAM, page.link("Continue with Fake")));
        String first = visitor.followUntil(begun, TOUR);

        Visitor victim = new Visitor();
        Answer end = victim.open(first);
        assertThat(end.url()).as("they see the sign-in").contains(TEAM);
        assertThat(planted(victim, hosts)).isEmpty();

        Visitor signedIn = new Visitor();
        signIn(signedIn, LoginServer.WIKI, "/");
        signedIn.followUntil(signedIn.get(first), "/");
        assertThat(planted(signedIn, hosts))
                .as("another session's tour is not theirs")
                .isEmpty();

        String code = visitor.followUntil(visitor.get(first), AUTHORIZED);
        assertThat(URI.create(code).getHost()).isEqualTo(hosts.get(1));
        Visitor thief = new Visitor();
        thief.open(code);
        assertThat(planted(thief, hosts)).isEmpty();
        visitor.open(code);
        assertThat(planted(visitor, hosts)).isEqualTo(hosts);
    }

    @Test
    void aTourThatIsNoneIsAClearPage() {
        List<String> hosts = hosts("none", 2);
        publish(hosts, "");
        for (String host : List.of(TEAM, hosts.getFirst())) {
            for (String query : List.of("", "?tour=", "?tour=x", "?tour=a&tour=b")) {
                Answer answer = visitor.get(world.url(host, TOUR + query));
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.all("set-cookie")).isEmpty();
                assertThat(answer.body()).contains("This sign-in has ended");
            }
        }
    }

    @Test
    void aTourIsPassedInItsOrderOnly() {
        List<String> hosts = hosts("order", 3);
        publish(hosts, "");
        Answer page = visitor.open(world.url(hosts.getFirst(), "/"));
        String first = visitor.followUntil(visitor.get(world.url(TEAM, page.link("Continue with Fake"))), TOUR);
        String query = first.substring(first.indexOf('?'));
        assertThat(visitor.get(world.url(hosts.get(2), TOUR + query)).status()).isEqualTo(400);
        assertThat(visitor.get(world.url(TEAM, TOUR + query)).status()).isEqualTo(400);
    }
}
