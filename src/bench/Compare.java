import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Measures, in interleaved rounds on this machine: the origin alone, nginx as a proxy, nginx with {@code auth_request}, Spring Cloud
 * Gateway alone, and Sallyport with a session cookie, with a service token, and with a bypass policy.
 *
 * <p>Needs {@code nginx} and {@code wrk} on the PATH, and what {@code ./mvnw -Pbench package -Dexec.skip} builds. Run it from the
 * checkout: {@code java src/bench/Compare.java --rounds=5 --seconds=8
 * --warm-up=60}. Everything stays on loopback and is stopped at the end. {@code --only=cookie,alone} measures the targets whose
 * name holds one of the words; {@code --jfr=DIRECTORY} leaves a flight recording of both JVMs there.
 *
 * <p>Those that know no sessions are sent the session cookie all the same: the same person with the same browser is at the door, and
 * {@code auth_request} passes it on twice. It costs nginx some percent.
 *
 * <p>Targets warm up in turns, each for {@code --warm-up} seconds in all. Until then a third of what a JVM computes is compiling, and
 * who came first would pay for the others.
 */
class Compare {
    private static final int CONNECTIONS = 32;
    private static final String BODY = "x".repeat(1024);

    private final List<Process> processes = new ArrayList<>();
    private final Path work;
    private final HttpClient client;
    private final int rounds;
    private final int seconds;
    private final int warmUp;
    private final String only;
    private final String recordings;

    private Compare(Path work, int rounds, int seconds, int warmUp, String only, String recordings) {
        this.work = work;
        this.rounds = rounds;
        this.seconds = seconds;
        this.warmUp = warmUp;
        this.only = only;
        this.recordings = recordings;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    /** What wrk is pointed at. */
    private record Target(String name, String url, Map<String, String> headers) {}

    /** One run of wrk. */
    private record Sample(double requestsPerSecond, double p99Millis) {}

    public static void main(String[] args) throws Exception {
        System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        Map<String, String> options = Arrays.stream(args)
                .map(each -> each.replaceFirst("^--", "").split("=", 2))
                .collect(Collectors.toMap(each -> each[0], each -> each[1]));
        Path work = Files.createTempDirectory("sallyport-compare");
        Compare compare = new Compare(
                work,
                Integer.parseInt(options.getOrDefault("rounds", "5")),
                Integer.parseInt(options.getOrDefault("seconds", "8")),
                Integer.parseInt(options.getOrDefault("warm-up", "60")),
                options.getOrDefault("only", ""),
                options.getOrDefault("jfr", ""));
        Runtime.getRuntime().addShutdownHook(new Thread(compare::stop));
        compare.run();
    }

    private void run() throws Exception {
        int origin = freePort();
        int nginxProxy = freePort();
        int nginxAuth = freePort();
        int plain = freePort();
        int gate = freePort();
        startNginx(origin, nginxProxy, nginxAuth);
        startPlainGateway(plain, origin);
        List<Target> gated = startSallyport(gate, origin);

        Map<String, String> cookie = Map.of("Cookie", gated.getFirst().headers().get("Cookie"));
        List<Target> targets = new ArrayList<>();
        targets.add(new Target("origin alone", "http://127.0.0.1:" + origin + "/", cookie));
        targets.add(new Target("nginx proxy", "http://127.0.0.1:" + nginxProxy + "/", cookie));
        targets.add(new Target("nginx auth_request", "http://127.0.0.1:" + nginxAuth + "/", cookie));
        targets.add(new Target("Spring Cloud Gateway alone", "http://127.0.0.1:" + plain + "/", cookie));
        targets.addAll(gated);
        targets.removeIf(target -> Arrays.stream(only.split(",")).noneMatch(target.name()::contains));

        System.out.printf("warming up, then %d rounds of %d s each, wrk -t1 -c%d, body %d bytes%n", rounds, seconds, CONNECTIONS, BODY.length());
        for (int spent = 0; spent < warmUp; spent += seconds) {
            round("warm-up", targets);
        }
        Map<String, List<Sample>> samples = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            round("round " + round, targets)
                    .forEach((name, sample) -> samples.computeIfAbsent(name, _ -> new ArrayList<>()).add(sample));
        }
        report(samples);
    }

    /** Everybody once; prints the rates, so that whoever is still getting faster can be seen. */
    private Map<String, Sample> round(String title, List<Target> targets) throws IOException, InterruptedException {
        Map<String, Sample> round = new LinkedHashMap<>();
        for (Target target : targets) {
            round.put(target.name(), wrk(target, seconds));
        }
        System.out.println(title + ": "
                + round.values().stream()
                        .map(sample -> "%.0f".formatted(sample.requestsPerSecond()))
                        .collect(Collectors.joining(" ")));
        return round;
    }

    private static void report(Map<String, List<Sample>> samples) {
        double base = samples.containsKey("Spring Cloud Gateway alone") ? median(samples.get("Spring Cloud Gateway alone")) : Double.NaN;
        System.out.println("| | requests/s (median) | min | max | of SCG alone | p99 ms (median) |");
        System.out.println("|---|---|---|---|---|---|");
        samples.forEach((name, all) -> System.out.printf(
                "| %s | %.0f | %.0f | %.0f | %.0f %% | %.1f |%n",
                name,
                median(all),
                all.stream().mapToDouble(Sample::requestsPerSecond).min().orElseThrow(),
                all.stream().mapToDouble(Sample::requestsPerSecond).max().orElseThrow(),
                100 * median(all) / base,
                all.stream().mapToDouble(Sample::p99Millis).sorted().skip(all.size() / 2).findFirst().orElseThrow()));
    }

    private static double median(List<Sample> samples) {
        return samples.stream()
                .mapToDouble(Sample::requestsPerSecond)
                .sorted()
                .skip(samples.size() / 2)
                .findFirst()
                .orElseThrow();
    }

    private Sample wrk(Target target, int forSeconds) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("wrk", "-t1", "-c" + CONNECTIONS, "-d" + forSeconds + "s", "--latency"));
        target.headers().forEach((name, value) -> command.addAll(List.of("-H", name + ": " + value)));
        command.add(target.url());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        if (output.contains("Non-2xx or 3xx responses") || output.matches("(?s).*Socket errors: connect [1-9].*")) {
            throw new IllegalStateException(target.name() + " did not answer cleanly:\n" + output);
        }
        return new Sample(
                Double.parseDouble(first(output, "Requests/sec:\\s+([0-9.]+)")), millis(first(output, "99%\\s+([0-9.]+m?u?s)")));
    }

    private static double millis(String text) {
        double number = Double.parseDouble(text.replaceAll("[a-z]+", ""));
        return text.endsWith("us") ? number / 1000 : text.endsWith("ms") ? number : number * 1000;
    }

    private void startNginx(int origin, int proxy, int auth) throws IOException {
        Path conf = Files.writeString(
                work.resolve("nginx.conf"),
                """
                daemon off; worker_processes 1; pid %1$s/nginx.pid; error_log %1$s/nginx.log;
                events { worker_connections 4096; }
                http {
                  access_log off; keepalive_requests 1000000000; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p;
                  fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
                  upstream origin { server 127.0.0.1:%2$d; keepalive 64; keepalive_requests 1000000000; }
                  server { listen 127.0.0.1:%2$d; location / { default_type text/plain; return 200 '%5$s'; } location /auth { return 204; } }
                  server { listen 127.0.0.1:%3$d;
                    location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ''; } }
                  server { listen 127.0.0.1:%4$d;
                    location = /gate { internal; proxy_pass http://origin/auth; proxy_http_version 1.1; proxy_set_header Connection '';
                      proxy_pass_request_body off; proxy_set_header Content-Length ''; }
                    location / { auth_request /gate; proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ''; } }
                }
                """
                        .formatted(work, origin, proxy, auth, BODY));
        start("nginx", List.of("nginx", "-c", conf.toString(), "-p", work.toString()));
        awaitStatus("http://127.0.0.1:" + auth + "/", "127.0.0.1", 200);
    }

    private void startPlainGateway(int port, int origin) throws IOException {
        start("plain-gateway", jvm("plain-gateway",
                "-cp", Path.of("target", "test-classes") + ":" + Files.readString(Path.of("target", "bench.classpath")).strip(),
                "io.sallyport.bench.PlainGateway", "--server.port=" + port, "--origin=http://127.0.0.1:" + origin));
        awaitStatus("http://127.0.0.1:" + port + "/", "127.0.0.1", 200);
    }

    private List<String> jvm(String name, String... arguments) {
        // As src/main/bin/sallyport starts the gate, and the same for what it is compared with.
        List<String> command = new ArrayList<>(List.of(
                java(), "-Xmx512m", "-XX:+UseParallelGC", "-XX:+UseCompactObjectHeaders", "--enable-native-access=ALL-UNNAMED"));
        if (!recordings.isEmpty()) {
            command.add("-XX:FlightRecorderOptions:stackdepth=512");
            command.add("-XX:StartFlightRecording:settings=profile,dumponexit=true,filename=" + Path.of(recordings, name + ".jfr"));
        }
        command.addAll(List.of(arguments));
        return command;
    }

    private List<Target> startSallyport(int port, int origin) throws Exception {
        Path data = work.resolve("data");
        start("sallyport", jvm("sallyport",
                "-jar", "target/sallyport.jar", "gateway",
                "--sallyport.http.port=" + port, "--sallyport.management.port=0", "--server.address=127.0.0.1",
                "--sallyport.data-dir=" + data, "--sallyport.mail.outbox=" + data.resolve("outbox")));
        awaitStatus("http://127.0.0.1:" + port + "/client/v4/accounts", "127.0.0.1", 401);
        String token = Files.readString(data.resolve("admin-token")).strip();
        AdminApi api = new AdminApi(client, "http://127.0.0.1:" + port, token);
        api.post("/access/identity_providers", "{\"name\":\"PIN\",\"type\":\"onetimepin\",\"config\":{}}");
        String service = api.post("/access/service_tokens", "{\"name\":\"bench\"}");
        Map<String, String> credentials = Map.of(
                "CF-Access-Client-Id", first(service, "\"client_id\":\"([^\"]+)\""),
                "CF-Access-Client-Secret", first(service, "\"client_secret\":\"([^\"]+)\""));
        application(api, "cookie", origin, "allow", "{\"email_domain\":{\"domain\":\"example.com\"}}");
        application(api, "service", origin, "non_identity", "{\"any_valid_service_token\":{}}");
        application(api, "open", origin, "bypass", "{\"everyone\":{}}");
        awaitStatus("http://127.0.0.1:" + port + "/", "open.localhost", 200);
        String cookie = signIn(port, data.resolve("outbox"));
        return List.of(
                new Target("Sallyport, session cookie", "http://127.0.0.1:" + port + "/",
                        new TreeMap<>(Map.of("Host", "cookie.localhost", "Cookie", cookie))),
                new Target("Sallyport, service token", "http://127.0.0.1:" + port + "/",
                        with(credentials, "Host", "service.localhost")),
                new Target("Sallyport, bypass", "http://127.0.0.1:" + port + "/", Map.of("Host", "open.localhost")));
    }

    private void application(AdminApi api, String name, int origin, String decision, String rule) {
        api.post("/sallyport/origins",
                "{\"hostname\":\"%s.localhost\",\"service\":\"http://127.0.0.1:%d\"}".formatted(name, origin));
        api.post("/access/apps", """
                {"type":"self_hosted","name":"%1$s","domain":"%1$s.localhost",
                 "policies":[{"name":"%1$s","decision":"%2$s","include":[%3$s]}]}""".formatted(name, decision, rule));
    }

    /** Signs in with a one-time PIN the way a browser without JavaScript does; returns the application cookie. */
    private String signIn(int port, Path outbox) throws Exception {
        Map<String, Map<String, String>> cookies = new LinkedHashMap<>();
        HttpResponse<String> page = browse(port, "GET", "http://cookie.localhost:" + port + "/", null, cookies);
        page = submit(port, page, Map.of("email", "bench@example.com"), cookies);
        String mail = newestMail(outbox);
        page = submit(port, page, Map.of("pin", first(mail, "(?m)(?:^|[^0-9_])([0-9]{6,8})(?:[^0-9.]|$)")), cookies);
        String cookie = cookies.getOrDefault("cookie.localhost", Map.of()).get("CF_Authorization");
        if (page.statusCode() != 200 || cookie == null) {
            throw new IllegalStateException("sign-in ended at " + page.statusCode() + " " + page.uri() + "\n" + page.body());
        }
        return "CF_Authorization=" + cookie;
    }

    private HttpResponse<String> submit(
            int port, HttpResponse<String> page, Map<String, String> values, Map<String, Map<String, String>> cookies)
            throws Exception {
        for (Matcher form = Pattern.compile("(?s)<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>").matcher(page.body()); form.find(); ) {
            Map<String, String> fields = new LinkedHashMap<>();
            for (Matcher input = Pattern.compile("<input[^>]*>").matcher(form.group(2)); input.find(); ) {
                String name = optional(input.group(), "\\bname=\"([^\"]*)\"");
                if (!name.isEmpty()) {
                    fields.put(name, unescape(optional(input.group(), "\\bvalue=\"([^\"]*)\"")));
                }
            }
            if (fields.keySet().containsAll(values.keySet())) {
                fields.putAll(values);
                String body = fields.entrySet().stream()
                        .map(each -> encode(each.getKey()) + "=" + encode(each.getValue()))
                        .collect(Collectors.joining("&"));
                String requested = page.request().headers().firstValue("Host").orElseThrow();
                URI action = URI.create("http://" + requested + page.uri().getRawPath()).resolve(unescape(form.group(1)));
                return browse(port, "POST", action.toString(), body, cookies);
            }
        }
        throw new IllegalStateException("no form with " + values.keySet() + " on\n" + page.body());
    }

    /** Follows redirects over all our hosts, keeping a jar of cookies for each; every host is this machine. */
    private HttpResponse<String> browse(int port, String method, String url, String form, Map<String, Map<String, String>> jar)
            throws Exception {
        String at = url;
        String how = method;
        String body = form;
        for (int hop = 0; hop < 12; hop++) {
            URI uri = URI.create(at);
            String path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Host", uri.getAuthority())
                    .header("Accept", "text/html");
            Map<String, String> cookies = jar.computeIfAbsent(uri.getHost(), host -> new LinkedHashMap<>());
            if (!cookies.isEmpty()) {
                request.header("Cookie", cookies.entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .collect(Collectors.joining("; ")));
            }
            if (body == null) {
                request.method(how, HttpRequest.BodyPublishers.noBody());
            } else {
                request.header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Origin", "http://" + uri.getAuthority())
                        .method(how, HttpRequest.BodyPublishers.ofString(body));
            }
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            response.headers().allValues("Set-Cookie").forEach(line -> {
                String[] pair = line.split(";", 2)[0].split("=", 2);
                cookies.put(pair[0], pair[1]);
            });
            if (response.statusCode() / 100 != 3) {
                return response;
            }
            at = uri.resolve(response.headers().firstValue("Location").orElseThrow()).toString();
            how = "GET";
            body = null;
        }
        throw new IllegalStateException("redirected in a circle, last to " + at);
    }

    private String newestMail(Path outbox) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() < deadline) {
            if (Files.isDirectory(outbox)) {
                try (Stream<Path> files = Files.list(outbox)) {
                    var newest = files.filter(file -> file.toString().endsWith(".eml"))
                            .max(Comparator.comparingLong(file -> file.toFile().lastModified()));
                    if (newest.isPresent()) {
                        String mail = Files.readString(newest.get());
                        return mail.substring(mail.indexOf("\r\n\r\n") + 4);
                    }
                }
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("no mail in " + outbox);
    }

    private void awaitStatus(String url, String host, int status) {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        int last = -1;
        while (System.nanoTime() < deadline) {
            try {
                last = client.send(
                                HttpRequest.newBuilder(URI.create(url)).header("Host", host).build(),
                                HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                if (last == status) {
                    return;
                }
                Thread.sleep(200);
            } catch (IOException starting) {
                pause();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new IllegalStateException(url + " (" + host + ") answers " + last + ", not " + status + "; logs are in " + work);
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void start(String name, List<String> command) throws IOException {
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve(name + ".out").toFile())
                .start());
    }

    private void stop() {
        processes.forEach(Process::destroy);
        for (Process process : processes) {
            try {
                if (!process.waitFor(Duration.ofSeconds(20))) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
            }
        }
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private static Map<String, String> with(Map<String, String> map, String name, String value) {
        Map<String, String> more = new TreeMap<>(map);
        more.put(name, value);
        return more;
    }

    private static String first(String text, String pattern) {
        String found = optional(text, pattern);
        if (found.isEmpty()) {
            throw new IllegalStateException("no " + pattern + " in\n" + text);
        }
        return found;
    }

    private static String optional(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String unescape(String html) {
        return html.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
