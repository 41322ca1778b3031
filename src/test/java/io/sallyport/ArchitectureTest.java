package io.sallyport;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.sallyport.snapshot.SnapshotHolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.context.annotation.Configuration;

/** Holds both dependency tables of the house, each entry with its reason, so that a failing build says why. */
class ArchitectureTest {
    private static final String ROOT = "io.sallyport";

    /** What the documents name and others define. */
    private static final Set<String> NOT_OURS =
            Set.of("CertificateRequest", "NoClassDefFoundError", "StackOverflowError");

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /** What one of our packages may use of the others, and why. */
    private record Room(Set<String> mayUse, String why) {}

    private static final Map<String, Room> ROOMS = Map.ofEntries(
            room("http", "one parser for hostile input, shared by all"),
            room("identity", "vocabulary, no behaviour to speak of"),
            room("policy", "a pure function of its inputs; testable by the million", "http", "identity"),
            room("token", "the only place that signs or verifies", "identity"),
            room("liquid", "templates admins write; a pure function that takes as long as its text"),
            room("saml", "a pure function of documents, keys and time; attacked by the thousand in milliseconds"),
            room(
                    "mtls",
                    "a pure function of chains, authorities and lists; the fetching is handed in",
                    "identity",
                    "http"),
            room("catalog", "the tables have one home", "policy", "identity"),
            room(
                    "snapshot",
                    "turns rows into the one picture, SAML providers with their certificates read",
                    "catalog",
                    "mtls",
                    "policy",
                    "saml",
                    "liquid",
                    "token",
                    "identity",
                    "http"),
            room(
                    "session",
                    "who is at the door, and until when; decides at token issue, so it asks the policy; app passes are audited",
                    "audit",
                    "snapshot",
                    "policy",
                    "token",
                    "identity",
                    "http"),
            room("audit", "everyone may report, it depends on no one", "audit.chain", "identity", "http"),
            room("audit.chain", "one chain for the server that writes it and for who checks it offline"),
            room(
                    "decision",
                    "explains with the policies that decided, shows what the login said, and queues its rows as the audit"
                            + " log does",
                    "audit",
                    "session",
                    "snapshot",
                    "policy",
                    "identity"),
            room("doctor", "what examinations find, and who makes them; knows neither who asks nor how", "snapshot"),
            room("web", "HTML in one place, knows no flows", "identity", "http"),
            room(
                    "login",
                    "the only place that talks to identity providers; shows why a policy refused, examines them, and judges the"
                            + " client certificate of requests to our paths on application hosts",
                    "doctor",
                    "mtls",
                    "session",
                    "saml",
                    "snapshot",
                    "policy",
                    "token",
                    "web",
                    "audit",
                    "decision",
                    "identity",
                    "transfer",
                    "http"),
            room(
                    "gateway.wire",
                    "guards of bytes and messages; they know nothing of applications or decisions",
                    "http"),
            room(
                    "gateway",
                    "the edge never touches the tables, the admin API or the login flows",
                    "gateway.wire",
                    "mtls",
                    "tunnel",
                    "session",
                    "snapshot",
                    "policy",
                    "token",
                    "web",
                    "audit",
                    "decision",
                    "identity",
                    "http"),
            room(
                    "scim",
                    "hears from directories who left; ends sessions, decides nothing",
                    "session",
                    "snapshot",
                    "web",
                    "identity",
                    "http"),
            room(
                    "launcher",
                    "asks the same policy as the gateway, of the same client certificate; its forms carry a keyed hash",
                    "audit",
                    "mtls",
                    "session",
                    "snapshot",
                    "policy",
                    "token",
                    "web",
                    "identity",
                    "http"),
            room(
                    "control",
                    "the only writer of configuration; keeps the ledger of live tunnel connections, which admins read,"
                            + " shows the page on which they approve a tunnel login, and hands out tunnels' tokens,"
                            + " which say where the edge is in the words that connectors read",
                    "catalog",
                    "doctor",
                    "mtls",
                    "saml",
                    "liquid",
                    "snapshot",
                    "policy",
                    "token",
                    "session",
                    "tunnel",
                    "tunnel.wire",
                    "web",
                    "audit",
                    "audit.chain",
                    "decision",
                    "identity",
                    "http"),
            room(
                    "tunnel",
                    "the edge's end of tunnels; both ends share only the wire",
                    "tunnel.wire",
                    "snapshot",
                    "token",
                    "audit",
                    "identity",
                    "http"),
            room("tunnel.wire", "what both ends of the tunnel speak; it knows neither of them"),
            room("transfer", "what a command line and the edge say to each other; it knows neither of them"),
            room(
                    "connector",
                    "runs for months beside the origin, no Spring; verifies the edge's assertions itself when asked to",
                    "tunnel.wire",
                    "token",
                    "http"),
            room(
                    "cli",
                    "starts in a blink; talks to the gateway only by its API; checks what others signed: the audit trail,"
                            + " and what an application says of itself",
                    "audit.chain",
                    "connector",
                    "tunnel.wire",
                    "policy",
                    "identity",
                    "transfer",
                    "token",
                    "http"),
            room(
                    "demo",
                    "knows only the outside face: it seeds the gateway through its own API, asks where connectors are"
                            + " served, and runs one",
                    "connector",
                    "tunnel",
                    "tunnel.wire"));

    /** A library, the only packages that may use it, and why. */
    private record Library(String name, List<String> prefixes, Set<String> onlyIn, String why) {}

    private static final List<Library> LIBRARIES = List.of(
            new Library(
                    "Spring",
                    List.of("org.springframework."),
                    Set.of(
                            "",
                            "catalog",
                            "snapshot",
                            "session",
                            "audit",
                            "decision",
                            "web",
                            "login",
                            "scim",
                            "launcher",
                            "gateway",
                            "gateway.wire",
                            "control",
                            "tunnel",
                            "demo"),
                    "engines stay plain Java: fast tests, fast commands"),
            new Library(
                    "JPA and JDBC",
                    List.of("jakarta.persistence.", "java.sql.", "javax.sql.", "org.postgresql.", "org.hibernate."),
                    Set.of(
                            "catalog",
                            "snapshot",
                            "session",
                            "audit",
                            "decision",
                            "control",
                            "login",
                            "scim",
                            "tunnel",
                            "cli"),
                    "a blocking call on an event loop stalls every user on it; login counts one-time PINs in the"
                            + " database, on virtual threads; tunnel reads its certificate authorities once, at start;"
                            + " cli tries for the doctor whether a database would let the gateway in"),
            new Library(
                    "Reactor",
                    List.of("reactor.core.", "reactor.netty."),
                    Set.of(
                            "",
                            "gateway",
                            "gateway.wire",
                            "login",
                            "scim",
                            "launcher",
                            "web",
                            "control",
                            "demo",
                            "session",
                            "tunnel"),
                    "reactive where it pays, ordinary Java elsewhere; control has one reactive security filter,"
                            + " session one client that dials the very address it judged, as the JDK's cannot, and"
                            + " tunnel lives on the web server's event loops"),
            new Library(
                    "Spring Cloud Gateway",
                    List.of("org.springframework.cloud."),
                    Set.of("gateway"),
                    "it is our proxying engine, not our router"),
            new Library(
                    "Nimbus", List.of("com.nimbusds."), Set.of("token"), "one place to review cryptographic choices"),
            new Library(
                    "Cap'n Proto",
                    List.of("org.capnproto."),
                    Set.of("tunnel.wire"),
                    "one place that reads hostile messages"),
            new Library("picocli", List.of("picocli."), Set.of("cli"), "nothing else parses arguments"));

    @Test
    void packagesUseOnlyWhatTheirRoomAllows() {
        List<String> broken = new ArrayList<>();
        for (JavaClass javaClass : CLASSES) {
            String from = roomOf(javaClass);
            if (from.isEmpty()) {
                continue;
            }
            Room room = ROOMS.get(from);
            assertThat(room).as("package %s has no row in the table", from).isNotNull();
            javaClass.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(target -> target.getPackageName().startsWith(ROOT))
                    .map(ArchitectureTest::roomOf)
                    .filter(to -> !to.equals(from) && !room.mayUse().contains(to))
                    .distinct()
                    .forEach(to -> broken.add("%s uses %s, which %s must not: %s"
                            .formatted(javaClass.getName(), to.isEmpty() ? "the root" : to, from, room.why())));
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void theDocumentShowsTheSameRooms() {
        String document = read(Path.of("ARCHITECTURE.md"));
        int start = document.indexOf("## Packages");
        Map<String, Set<String>> shown = document.substring(start, document.indexOf("\n## ", start))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|", -1))
                .collect(Collectors.toMap(cells -> quoted(cells[1]).iterator().next(), cells -> quoted(cells[3])));
        assertThat(shown)
                .isEqualTo(ROOMS.entrySet().stream()
                        .collect(Collectors.toMap(
                                Map.Entry::getKey, room -> room.getValue().mayUse())));
    }

    private static Set<String> quoted(String cell) {
        return Pattern.compile("`([^`]+)`")
                .matcher(cell)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
    }

    @Test
    void everyClassInTheDocumentsIsThere() throws IOException {
        Set<String> names = new TreeSet<>();
        for (String document : List.of("ARCHITECTURE.md", "CONTRIBUTING.md")) {
            Pattern.compile("`(?:[a-z]+\\.)?([A-Z][a-z]+(?:[A-Z][a-z0-9]*)+)(?:\\.[a-z]\\w*)?`")
                    .matcher(read(Path.of(document)))
                    .results()
                    .forEach(found -> names.add(found.group(1)));
        }
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            files.forEach(file -> names.remove(file.getFileName().toString().replace(".java", "")));
        }
        CLASSES.forEach(javaClass -> names.remove(javaClass.getSimpleName()));
        assertThat(names).as("what a reader would look for in vain").isEqualTo(NOT_OURS);
    }

    @Test
    void librariesStayInTheirHomes() {
        for (Library library : LIBRARIES) {
            noClasses()
                    .that(are(
                            "live outside " + library.onlyIn(),
                            javaClass -> !library.onlyIn().contains(roomOf(javaClass))))
                    .should()
                    .dependOnClassesThat(are(
                            "belong to " + library.name(),
                            javaClass -> library.prefixes().stream().anyMatch(javaClass.getName()::startsWith)))
                    .allowEmptyShould(true)
                    .because(library.why())
                    .check(CLASSES);
        }
    }

    /** OI-08: a fetch that somebody adds has the bounds of all others, or a row here that says why not. */
    @Test
    void oneClassCallsOtherServicesForTheGateway() {
        Set<String> clients = Set.of(
                "reactor.netty.http.client.HttpClient",
                "reactor.netty.tcp.TcpClient",
                "java.net.http.HttpClient",
                "java.net.URLConnection",
                "java.net.HttpURLConnection",
                "org.springframework.web.client.RestClient",
                "org.springframework.web.client.RestTemplate",
                "org.springframework.web.reactive.function.client.WebClient");
        Map<String, String> callers = Map.of(
                "session.OutboundExchange",
                        "has the rules and bounds for all that admins, documents and certificates name",
                "login.OAuthClient", "gives Spring's token client OutboundHttp to call with",
                "gateway.Origin", "calls origins, which lie inside by nature",
                "gateway.OriginRouting", "calls origins, which lie inside by nature",
                "token.AssertionVerifier", "runs in connectors, which fetch the keys of their own gateway");
        Set<String> elsewhere = Set.of("cli", "connector", "demo");
        Set<String> found = new TreeSet<>();
        for (JavaClass javaClass : CLASSES) {
            if (!elsewhere.contains(roomOf(javaClass))
                    && javaClass.getDirectDependenciesFromSelf().stream()
                            .anyMatch(dependency ->
                                    clients.contains(dependency.getTargetClass().getName()))) {
                found.add(javaClass.getName().substring(ROOT.length() + 1).replaceAll("\\$.*", ""));
            }
        }
        assertThat(found).isEqualTo(callers.keySet());
    }

    @Test
    void nobodyAsksTheSystemClock() {
        noClasses()
                .should()
                .callMethod(Instant.class, "now")
                .because("time is an input: take an InstantSource, so that tests can turn the clock")
                .check(CLASSES);
    }

    /** SupplyChainTest sees to the templates. */
    @Test
    void su03_foreignDataIsNeverCode() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.ObjectInput.*"
                        + "|javax\\.naming\\.(spi\\..*|(directory\\.|ldap\\.)?\\w*Context\\w*)"
                        + "|javax\\.script\\..*"
                        + "|org\\.springframework\\.expression\\..*"
                        + "|org\\.springframework\\.jndi\\..*")
                .because("deserialisation, JNDI and SpEL run what they are given")
                .check(CLASSES);
    }

    @Test
    void theSnapshotIsReadAtTheEntrancesOnly() {
        Set<String> entrances = Set.of("gateway", "login", "scim", "launcher", "control", "snapshot", "tunnel");
        noClasses()
                .that(are("are no entrance", javaClass -> !entrances.contains(roomOf(javaClass))))
                .should()
                .callMethod(SnapshotHolder.class, "current")
                .because("a request sees one picture of the world, read once and passed on as an argument")
                .check(CLASSES);
    }

    /** The start reads no other class. */
    @Test
    void configurationsAreNamedSoThatTheStartFindsThem() {
        assertThat(CLASSES.stream().filter(each -> each.isAnnotatedWith(Configuration.class) && !each.isNestedClass()))
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.getSimpleName()).endsWith("Configuration"));
    }

    @Test
    void everyPackageIsNullMarkedAndHasADocument() {
        Path sources = Path.of("src/main/java");
        Set<String> undocumented = CLASSES.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> {
                    Path file = sources.resolve(name.replace('.', '/')).resolve("package-info.java");
                    return !Files.exists(file)
                            || !read(file).startsWith("/**")
                            || !read(file).contains("@NullMarked");
                })
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(undocumented).isEmpty();
    }

    @Test
    void noTestIsSwitchedOffAndNoneSleeps() throws IOException {
        List<String> forbidden = List.of("@Disabled", "assumeTrue(", "Thread.sleep(");
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".java"))
                            .filter(file -> !file.endsWith("ArchitectureTest.java"))
                            .filter(file -> forbidden.stream().anyMatch(read(file)::contains)))
                    .as("a skipped test is a defect, and a sleeping one is a flaky one")
                    .isEmpty();
        }
    }

    private static Map.Entry<String, Room> room(String name, String why, String... mayUse) {
        return Map.entry(name, new Room(Set.of(mayUse), why));
    }

    private static DescribedPredicate<JavaClass> are(String description, Predicate<JavaClass> test) {
        return DescribedPredicate.describe(description, test);
    }

    /** The first package level under the root, empty for the root itself; or a second level that is a room of its own. */
    private static String roomOf(JavaClass javaClass) {
        String name = javaClass.getPackageName();
        String under = name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : "";
        return ROOMS.containsKey(under) ? under : under.replaceAll("\\..*", "");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
