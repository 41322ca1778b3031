package io.sallyport.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** Embedded PostgreSQL keeps its data whatever happens to us, and keeps strangers out. */
class PostgresServerIT {
    private static final String DATABASE = "sallyport";

    @TempDir
    private Path directory;

    @Test
    void dataSurvivesACleanRestart() throws SQLException {
        try (PostgresServer server = start()) {
            execute(server, "create table kept (word text)", "insert into kept values ('first')");
        }
        try (PostgresServer server = start()) {
            assertThat(word(server)).isEqualTo("first");
        }
        assertThat(directory.resolve("data/postmaster.pid"))
                .as("stopped cleanly")
                .doesNotExist();
    }

    @Test
    void aServerThatIsKilledIsStartedAgainWithItsDataAndSaysSo() throws Exception {
        List<ILoggingEvent> said = listen();
        try (PostgresServer server = start()) {
            execute(server, "create table kept (word text)", "insert into kept values ('first')");
            ProcessHandle postmaster = postmaster();
            postmaster.destroyForcibly();
            postmaster.onExit().join();
            await("the server to answer again where it did")
                    .atMost(Duration.ofSeconds(60))
                    .ignoreExceptionsInstanceOf(SQLException.class)
                    .until(() -> word(server).equals("first"));
        }
        assertThat(said)
                .extracting(ILoggingEvent::getFormattedMessage)
                .contains("Embedded PostgreSQL ended although nobody stopped it; starting it again");
        assertThat(directory.resolve("data/postmaster.pid"))
                .as("stopped cleanly, and not started again")
                .doesNotExist();
        try (PostgresServer server = start()) {
            assertThat(word(server)).isEqualTo("first");
        }
    }

    @Test
    void aServerWhoseDirectoryIsGoneDoesNotOutliveUs() throws Exception {
        PostgresServer server = start();
        ProcessHandle postmaster = postmaster();
        FileSystemUtils.deleteRecursively(directory.resolve("data"));
        server.close();
        assertThat(postmaster.onExit()).succeedsWithin(Duration.ofSeconds(30));
    }

    /** Whoever runs the tests: root becomes somebody else in a user namespace, where root's ways are closed. */
    @Test
    void anOrdinaryUserRunsItToo() throws Exception {
        List<String> command = new ArrayList<>();
        if (Integer.valueOf(0).equals(Files.getAttribute(directory, "unix:uid"))) {
            command.addAll(List.of("unshare", "--user", "--map-user=1000", "--map-group=1000"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Ordinary.class.getName(),
                directory.resolve("ordinary").toString()));
        Process user = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = user.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.lines().filter(line -> line.startsWith("as ")).toList())
                    .singleElement()
                    .asString()
                    .doesNotStartWith("as 0 ")
                    .endsWith(" kept first");
        }
        assertThat(user.waitFor()).isZero();
    }

    /** Starts it twice as whoever it is. */
    static final class Ordinary {
        private Ordinary() {}

        public static void main(String[] args) throws Exception {
            Path place = Files.createDirectories(Path.of(args[0]));
            try (PostgresServer server = PostgresServer.start(place, Map.of())) {
                server.createDatabase(DATABASE, null);
                execute(server, "create table kept (word text)", "insert into kept values ('first')");
            }
            try (PostgresServer server = PostgresServer.start(place, Map.of())) {
                System.out.println("as " + Files.getAttribute(place, "unix:uid") + " kept " + word(server));
            }
        }
    }

    @Test
    void aServerThatOutlivedUsIsStoppedAndItsDataKept() throws Exception {
        Process us = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Outlived.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader output = us.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.lines().anyMatch("ready"::equals)).isTrue();
            ProcessHandle orphan = postmaster();
            us.destroyForcibly().waitFor();
            assertThat(orphan.isAlive()).as("nobody stopped it").isTrue();
            try (PostgresServer server = start()) {
                assertThat(postmaster().pid()).isNotEqualTo(orphan.pid());
                assertThat(word(server)).isEqualTo("first");
            }
        }
    }

    /** A process that starts the server, writes a word and waits to be killed. */
    static final class Outlived {
        public static void main(String[] args) throws Exception {
            PostgresServer server = PostgresServer.start(Path.of(args[0]), Map.of());
            server.createDatabase(DATABASE, null);
            execute(server, "create table kept (word text)", "insert into kept values ('first')");
            System.out.println("ready");
            new CountDownLatch(1).await();
        }
    }

    @Test
    void aRecycledProcessIdDoesNotStopTheStart() throws Exception {
        try (PostgresServer server = start()) {
            execute(server, "create table kept (word text)", "insert into kept values ('first')");
        }
        Files.writeString(
                directory.resolve("data/postmaster.pid"),
                ProcessHandle.current().pid() + "\n" + directory.resolve("data") + "\n0\n1\n\n127.0.0.1\n");
        try (PostgresServer server = start()) {
            assertThat(word(server)).isEqualTo("first");
        }
    }

    @Test
    void twoOfUsDoNotShareADirectory() {
        try (PostgresServer server = start()) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(StateFailure.class)
                    .hasMessageContaining("another Sallyport uses");
            assertThat(server.user()).isNotEmpty();
        }
    }

    @Test
    void aDirectoryWhosePasswordIsGoneIsRefusedAndGivenBack() throws Exception {
        start().close();
        Path password = directory.resolve("password");
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(password, elsewhere);
        assertThatThrownBy(this::start).isInstanceOf(StateFailure.class).hasMessageContaining("password is missing");
        Files.move(elsewhere, password);
        try (PostgresServer server = start()) {
            assertThat(server.user()).isNotEmpty();
        }
    }

    @Test
    void strangersOnTheSameMachineStayOut() throws Exception {
        try (PostgresServer server = start()) {
            assertThatThrownBy(() -> DriverManager.getConnection(server.jdbcUrl(DATABASE), server.user(), "guess"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("password"))))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                    .isEqualTo("rwx------");
            try (Connection connection = connect(server);
                    ResultSet setting = connection
                            .createStatement()
                            .executeQuery("select current_setting('listen_addresses') || current_setting('fsync')")) {
                setting.next();
                assertThat(setting.getString(1)).isEqualTo("127.0.0.1on");
            }
        }
    }

    @Test
    void dataOfAnotherPostgresVersionIsNamedAndLeftAlone() throws Exception {
        start().close();
        Files.writeString(directory.resolve("data/PG_VERSION"), "15\n");
        assertThatThrownBy(this::start)
                .isInstanceOf(StateFailure.class)
                .hasMessageContaining("PostgreSQL 15")
                .hasMessageContaining("dump it");
    }

    private PostgresServer start() {
        PostgresServer server = PostgresServer.start(directory, Map.of());
        server.createDatabase(DATABASE, null);
        return server;
    }

    /** What the server says from now on. */
    private static List<ILoggingEvent> listen() {
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.list = new CopyOnWriteArrayList<>(); // it is read while others write
        appender.start();
        ((Logger) LoggerFactory.getLogger(PostgresServer.class)).addAppender(appender);
        return appender.list;
    }

    private ProcessHandle postmaster() throws Exception {
        String pid =
                Files.readAllLines(directory.resolve("data/postmaster.pid")).getFirst();
        return ProcessHandle.of(Long.parseLong(pid.strip())).orElseThrow();
    }

    private static Connection connect(PostgresServer server) throws SQLException {
        return DriverManager.getConnection(server.jdbcUrl(DATABASE), server.user(), server.password());
    }

    private static void execute(PostgresServer server, String... statements) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private static String word(PostgresServer server) throws SQLException {
        try (Connection connection = connect(server);
                ResultSet row = connection.createStatement().executeQuery("select word from kept")) {
            row.next();
            return row.getString(1);
        }
    }
}
