package io.sallyport.cli;

import io.sallyport.http.Cidr;
import io.sallyport.http.HostName;
import io.sallyport.http.HostTable;
import io.sallyport.http.UrlPattern;
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
import io.sallyport.policy.AccessRequest;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.Explanation;
import io.sallyport.policy.GroupSpec;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Subject;
import io.sallyport.policy.json.PolicyJson;
import io.sallyport.policy.json.RuleNames;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The applications of a configuration file with their policies, compiled locally. The file's names are used as ids. */
final class OfflineWorld {
    private final JsonNode file;
    private final PolicyCompiler compiler;
    private final Map<String, PolicySpec> policies = new LinkedHashMap<>();
    private final Map<String, CompiledPolicy> byName = new LinkedHashMap<>();
    private final HostTable<CompiledPolicy> byHost;

    OfflineWorld(JsonNode file) {
        this.file = file;
        this.compiler = new PolicyCompiler(references());
        file.path("policies").forEach(policy -> policies.put(label(policy), policy(policy, label(policy))));
        List<HostTable.Entry<CompiledPolicy>> entries = new ArrayList<>();
        file.path("applications").forEach(application -> add(application, entries));
        this.byHost = HostTable.of(entries);
    }

    private void add(JsonNode application, List<HostTable.Entry<CompiledPolicy>> entries) {
        String name =
                application.path("name").asString(application.path("domain").asString(""));
        CompiledPolicy compiled = compile(application, name);
        byName.put(name, compiled);
        List<String> places = new ArrayList<>();
        application
                .path("destinations")
                .forEach(each -> places.add(each.path("uri").asString("")));
        if (places.isEmpty()) {
            places.add(application.path("domain").asString(""));
        }
        for (String place : places) {
            try {
                entries.add(new HostTable.Entry<>(UrlPattern.parse(place), entries.size(), compiled));
            } catch (IllegalArgumentException noPattern) {
                // Applications of other kinds have no host or a whole URL, and private destinations have none either.
                if (!place.isEmpty() && application.path("type").asString("").equals("self_hosted")) {
                    throw new CommandFailure(
                            "application \"" + name + "\": \"" + place + "\" is not a host, with or without a path",
                            noPattern);
                }
            }
        }
    }

    /** The names for the ids in explanations. */
    Map<String, String> names() {
        Map<String, String> names = new HashMap<>();
        Map.of(
                        "lists", "list",
                        "identity_providers", "identity_provider",
                        "service_tokens", "service_token",
                        "workload_issuers", "workload_issuer")
                .forEach((section, kind) -> file.path(section)
                        .forEach(each -> names.put(id(kind, label(each)).toString(), label(each))));
        return names;
    }

    /** What the gateway would decide, and why. */
    Explanation decide(TestCase test) {
        CompiledPolicy policy = find(test.application());
        Email email = test.email();
        Identity identity = email == null ? null : identity(test, email);
        Subject subject = identity == null
                ? new Subject.Anonymous()
                : new Subject.Person(identity.email(), policy.facts().capture(identity, Map.of()));
        AccessRequest request = new AccessRequest(
                address(test),
                test.country(),
                service(test.serviceToken()),
                test.commonName() == null ? null : CertificateIdentity.named(test.commonName()),
                subject);
        return policy.explain(request, identity);
    }

    private CompiledPolicy find(String application) {
        CompiledPolicy named = byName.get(application);
        if (named != null) {
            return named;
        }
        int slash = application.indexOf('/');
        String host = slash < 0 ? application : application.substring(0, slash);
        String path = slash < 0 ? "/" : application.substring(slash);
        return HostName.parse(host)
                .flatMap(known -> byHost.find(known, path))
                .orElseThrow(() -> new CommandFailure("no application has the name or the address " + application));
    }

    private static InetAddress address(TestCase test) {
        try {
            return InetAddress.ofLiteral(test.ip());
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(test.name() + ": " + test.ip() + " is not an IP address", e);
        }
    }

    private Identity identity(TestCase test, Email email) {
        String method = test.loginMethod();
        if (method != null && !has("identity_providers", method)) {
            throw new CommandFailure(test.name() + ": there is no identity provider " + method);
        }
        List<Group> groups = test.groups().stream()
                .map(group -> new Group(group, group, group.contains("@") ? group : null))
                .toList();
        return new Identity(
                new UserId(id("user", email.value())),
                email,
                null,
                new IdpRef(new IdpId(id("identity_provider", method == null ? "" : method)), "oidc"),
                groups,
                test.authMethods(),
                test.claims(),
                test.country(),
                test.ip(),
                Instant.EPOCH,
                new IdentityNonce("test"));
    }

    private @Nullable ServiceIdentity service(@Nullable String name) {
        if (name == null) {
            return null;
        }
        if (!has("service_tokens", name)) {
            throw new CommandFailure("there is no service token " + name);
        }
        return new ServiceIdentity(new ServiceTokenId(id("service_token", name)), name, name);
    }

    private boolean has(String section, String name) {
        return file.path(section).valueStream().anyMatch(each -> label(each).equals(name));
    }

    private CompiledPolicy compile(JsonNode application, String name) {
        Map<Integer, PolicySpec> ordered = new TreeMap<>();
        JsonNode attached = application.path("policies");
        for (int i = 0; i < attached.size(); i++) {
            JsonNode each = attached.get(i);
            PolicySpec spec = each.isString()
                    ? known(each.stringValue())
                    : each.has("policy") ? known(each.path("policy").asString("")) : policy(each, name + "/" + i);
            ordered.put(each.path("precedence").asInt(i + 1), spec);
        }
        try {
            return compiler.compile(List.copyOf(ordered.values()));
        } catch (PolicyProblem problem) {
            throw new CommandFailure("application \"" + name + "\": " + problem.pointer() + " " + problem.getMessage());
        }
    }

    private PolicySpec known(String label) {
        PolicySpec spec = policies.get(label);
        if (spec == null) {
            throw new CommandFailure("the file has no policy \"" + label + "\"");
        }
        return spec;
    }

    private static PolicySpec policy(JsonNode json, String place) {
        try {
            return PolicyJson.policy(new PolicyId(id("policy", place)), withIds(json));
        } catch (PolicyProblem problem) {
            throw new CommandFailure("policy \"" + place + "\": " + problem.pointer() + " " + problem.getMessage());
        }
    }

    private PolicyCompiler.References references() {
        Map<GroupId, GroupSpec> groups = new HashMap<>();
        file.path("groups").forEach(group -> {
            GroupId id = new GroupId(id("group", label(group)));
            try {
                groups.put(id, PolicyJson.group(id, withIds(group)));
            } catch (PolicyProblem problem) {
                throw new CommandFailure(
                        "group \"" + label(group) + "\": " + problem.pointer() + " " + problem.getMessage());
            }
        });
        Map<ListId, Set<Email>> emails = new HashMap<>();
        Map<ListId, List<Cidr>> blocks = new HashMap<>();
        file.path("lists").forEach(list -> {
            ListId id = new ListId(id("list", label(list)));
            List<String> values = new ArrayList<>();
            list.path("items")
                    .forEach(item -> values.add(
                            item.isString()
                                    ? item.stringValue()
                                    : item.path("value").asString("")));
            switch (list.path("type").asString("")) {
                case "EMAIL" -> {
                    Set<Email> read = new HashSet<>();
                    values.forEach(value -> Email.parse(value).ifPresent(read::add));
                    emails.put(id, read);
                }
                case "IP" ->
                    blocks.put(
                            id, values.stream().map(value -> block(value, list)).toList());
                default -> {
                    // Rules cannot refer to it.
                }
            }
        });
        return new PolicyCompiler.References(groups, emails, blocks);
    }

    private static Cidr block(String value, JsonNode list) {
        try {
            return Cidr.parse(value);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("list \"" + label(list) + "\": " + value + " is not an IP range", e);
        }
    }

    private static ObjectNode withIds(JsonNode json) {
        if (!(json.deepCopy() instanceof ObjectNode object)) {
            throw new CommandFailure("a policy or group is not a mapping: " + json);
        }
        RuleNames.toApi(
                object,
                "",
                (kind, name, pointer) -> id(
                                switch (kind) {
                                    case LIST -> "list";
                                    case IDENTITY_PROVIDER -> "identity_provider";
                                    case SERVICE_TOKEN -> "service_token";
                                    case WORKLOAD_ISSUER -> "workload_issuer";
                                    case GROUP -> "group";
                                },
                                name)
                        .toString());
        return object;
    }

    /** How others in the file refer to it: by its name, followed by its id if several have the same name. */
    private static String label(JsonNode json) {
        String name = json.path("name").asString("");
        return json.has("id") ? name + " (" + json.path("id").asString("") + ")" : name;
    }

    private static UUID id(String kind, String name) {
        return UUID.nameUUIDFromBytes((kind + "/" + name).getBytes(StandardCharsets.UTF_8));
    }
}
