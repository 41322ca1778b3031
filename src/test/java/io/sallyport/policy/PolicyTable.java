package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.Email;
import io.sallyport.identity.Group;
import io.sallyport.identity.GroupId;
import io.sallyport.identity.Identity;
import io.sallyport.identity.IdentityNonce;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.IdpRef;
import io.sallyport.identity.ListId;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.identity.UserId;
import io.sallyport.policy.PolicyCompiler.References;
import io.sallyport.policy.json.PolicyJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The data tables under {@code policy/*.yaml}: policies in the API's own spelling, who asks, and the decision they get. Any text
 * {@code id:NAME} stands for one and the same UUID everywhere.
 */
public final class PolicyTable {
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * One question to one set of policies.
     *
     * @param expected for example {@code permit identity "staff" /include/0}
     */
    public record Question(
            String name, List<PolicySpec> policies, References references, Asker asker, String expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    /** Who asks. */
    public record Asker(JsonNode json) {
        /** The request as the gateway would build it, the login facts captured, encoded and decoded again. */
        public AccessRequest request(FactSet facts) {
            return new AccessRequest(
                    InetAddress.ofLiteral(json.path("ip").asString("198.51.100.7")),
                    text("country"),
                    text("service") == null ? null : service(Objects.requireNonNull(text("service"))),
                    text("certificate") == null
                            ? null
                            : CertificateIdentity.named(Objects.requireNonNull(text("certificate"))),
                    text("email") == null ? new Subject.Anonymous() : person(facts));
        }

        private Subject.Person person(FactSet facts) {
            FactSet.Captured captured = facts.capture(identity(), evaluations(facts));
            return new Subject.Person(
                    identity().email(), facts.decode(captured.encode()).orElseThrow());
        }

        /** The identity of the login. */
        public Identity identity() {
            List<Group> groups = new ArrayList<>();
            for (JsonNode group : json.path("groups")) {
                groups.add(
                        group.isString()
                                ? Group.named(group.stringValue())
                                : new Group(
                                        group.path("id").asString(""),
                                        group.path("name").asString(""),
                                        group.path("email").asString(null)));
            }
            @SuppressWarnings("unchecked")
            Map<String, Object> claims = JSON.convertValue(json.path("claims"), Map.class);
            return new Identity(
                    new UserId(uuid("user")),
                    Email.parse(Objects.requireNonNull(text("email"))).orElseThrow(),
                    null,
                    new IdpRef(new IdpId(uuid(json.path("idp").asString("pin"))), "oidc"),
                    groups,
                    strings(json.path("amr")),
                    claims == null ? Map.of() : claims,
                    null,
                    null,
                    Instant.EPOCH,
                    new IdentityNonce("nonce"));
        }

        private Map<Selector.ExternalEvaluation, Truth> evaluations(FactSet facts) {
            return text("evaluator") == null
                    ? Map.of()
                    : facts.facts().stream()
                            .filter(Selector.ExternalEvaluation.class::isInstance)
                            .collect(Collectors.toMap(
                                    Selector.ExternalEvaluation.class::cast,
                                    _ -> Truth.valueOf(json.path("evaluator").asString())));
        }

        private static ServiceIdentity service(String name) {
            return new ServiceIdentity(new ServiceTokenId(uuid(name)), name + ".access", name);
        }

        private @Nullable String text(String member) {
            return json.path(member).asString(null);
        }
    }

    /** All questions of one table. */
    public static List<Question> read(String resource) {
        JsonNode table;
        try (InputStream in = Objects.requireNonNull(PolicyTable.class.getResourceAsStream(resource), resource)) {
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            table = JSON.valueToTree(new Yaml().load(yaml));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Question> questions = new ArrayList<>();
        for (JsonNode scenario : table) {
            JsonNode resolved = withIds(scenario);
            References references = references(resolved);
            List<PolicySpec> policies = new ArrayList<>();
            for (JsonNode policy : resolved.path("policies")) {
                policies.add(
                        PolicyJson.policy(new PolicyId(uuid(policy.path("name").asString())), policy));
            }
            for (JsonNode ask : resolved.path("asks")) {
                String name = scenario.path("case").asString() + ": " + ask.path("who") + " → "
                        + ask.path("expect").asString();
                questions.add(new Question(
                        name,
                        policies,
                        references,
                        new Asker(ask.path("who")),
                        ask.path("expect").asString()));
            }
        }
        return questions;
    }

    /** Spells a decision as the tables do. */
    public static String spell(Decision decision) {
        Reason reason = decision.reason();
        String because = Optional.ofNullable(reason.policyName())
                        .map(name -> " \"" + name + "\"")
                        .orElse("")
                + Optional.ofNullable(reason.rule()).map(rule -> " " + rule).orElse("");
        return switch (decision) {
            case Decision.Permit permit -> "permit " + permit.grounds().name().toLowerCase(Locale.ROOT) + because;
            case Decision.LoginRequired _ -> "login" + because;
            case Decision.Denied denied ->
                (denied.identityBased() ? "denied " : "forbidden ")
                        + reason.code().name().toLowerCase(Locale.ROOT)
                        + because;
        };
    }

    /** The UUID that {@code id:name} stands for. */
    public static UUID uuid(String name) {
        try {
            return UUID.fromString(name);
        } catch (IllegalArgumentException aName) {
            return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static References references(JsonNode scenario) {
        Map<GroupId, GroupSpec> groups = new HashMap<>();
        for (JsonNode group : scenario.path("groups")) {
            GroupId id = new GroupId(uuid(group.path("name").asString()));
            groups.put(id, PolicyJson.group(id, group));
        }
        Map<ListId, Set<Email>> emails = new HashMap<>();
        scenario.path("email_lists")
                .properties()
                .forEach(list -> emails.put(
                        new ListId(uuid(list.getKey())),
                        strings(list.getValue()).stream()
                                .map(text -> Email.parse(text).orElseThrow())
                                .collect(Collectors.toSet())));
        Map<ListId, List<Cidr>> blocks = new HashMap<>();
        scenario.path("ip_lists")
                .properties()
                .forEach(list -> blocks.put(
                        new ListId(uuid(list.getKey())),
                        strings(list.getValue()).stream().map(Cidr::parse).toList()));
        return new References(groups, emails, blocks);
    }

    private static JsonNode withIds(JsonNode node) {
        String resolved = Pattern.compile("\"id:([^\"]*)\"")
                .matcher(node.toString())
                .replaceAll(found -> "\"" + uuid(found.group(1)) + "\"");
        return JSON.readTree(resolved);
    }

    private static List<String> strings(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    private PolicyTable() {}
}
