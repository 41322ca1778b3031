package io.sallyport.snapshot;

import io.sallyport.http.HostTable;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.AppId;
import io.sallyport.identity.Audience;
import io.sallyport.identity.IdpId;
import io.sallyport.identity.PolicyId;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import io.sallyport.identity.TunnelId;
import io.sallyport.mtls.Demands;
import io.sallyport.policy.CompiledPolicy;
import io.sallyport.policy.PolicyProblem;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.json.PolicyJson;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compiles rows into the picture requests read. What cannot be understood closes the application it belongs to and nothing else:
 * the application keeps its place, so no less specific one takes over, and admits nobody. Before a write commits, the same
 * compilation of the proposed rows refuses what it would close.
 *
 * <p>What was parsed and compiled is kept by its exact content, so a rebuild does anew only what changed. Thread-safe.
 */
public final class SnapshotCompiler {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ProviderCompiler providers;
    private final TunnelCompiler tunnels;
    private final DemandCompiler demands = new DemandCompiler();
    private final Map<UUID, Parsed> parsedPolicies = new ConcurrentHashMap<>();
    private final CompiledApplications compiledApplications = new CompiledApplications();
    private volatile @Nullable PolicyBasis lastBasis;

    SnapshotCompiler(ProviderCompiler providers, TunnelCompiler tunnels) {
        this.providers = providers;
        this.tunnels = tunnels;
    }

    private record Parsed(Rows.Policy row, PolicySpec spec) {}

    /** Everything but what the process and the key store add. */
    record Compiled(
            HostTable<Application> applications,
            Map<AppId, Application> applicationsById,
            Map<Audience, Application> applicationsByAudience,
            HostTable<Upstream> origins,
            Map<IdpId, IdentityProvider> identityProviders,
            Map<TunnelId, TunnelGrant> tunnels,
            ServiceTokens serviceTokens,
            Settings settings,
            Demands demands,
            List<ConfigProblem> problems,
            int closedApplications) {}

    /** What would be refused or closed if these rows were committed; empty when all is well. */
    public List<ConfigProblem> check(Rows proposed) {
        return new Pass(proposed).compile("http://issuer.invalid").problems();
    }

    /** The applications as they would be if these rows were committed. */
    public Proposed propose(Rows proposed) {
        Compiled compiled = new Pass(proposed).compile("http://issuer.invalid");
        return new Proposed(compiled.applications(), compiled.applicationsById());
    }

    /** What works in these rows and is most likely not meant. Applications that are closed are left out: they have problems. */
    public List<ConfigWarning> lint(Rows rows, Instant now) {
        return new Pass(rows).lint(now);
    }

    /** Applications that are not in force, for trying decisions on them. */
    public record Proposed(HostTable<Application> applications, Map<AppId, Application> applicationsById) {}

    /** @param issuer of every token, without trailing slash */
    Compiled compile(Rows rows, String issuer) {
        Pass pass = new Pass(rows);
        Compiled compiled = pass.compile(issuer);
        lastBasis = pass.basis;
        Set<UUID> present = rows.applications().stream().map(Rows.App::id).collect(Collectors.toSet());
        pass.basis.retain(present);
        compiledApplications.retain(present);
        parsedPolicies
                .keySet()
                .retainAll(rows.policies().stream().map(Rows.Policy::id).collect(Collectors.toSet()));
        return compiled;
    }

    /** One compilation. */
    private final class Pass {
        private final Rows rows;
        private final List<ConfigProblem> problems = new ArrayList<>();
        private final Map<UUID, PolicySpec> policies = new HashMap<>();
        private final PolicyBasis basis;
        private final CompiledPolicy nobody;
        private final CustomPages pages;
        private int closed;

        Pass(Rows rows) {
            this.rows = rows;
            this.pages = compiledApplications.pages(rows);
            PolicyBasis last = lastBasis;
            this.basis = last != null && last.fits(rows) ? last : new PolicyBasis(rows);
            this.nobody = basis.compile(List.of());
            problems.addAll(basis.problems());
        }

        Compiled compile(String issuer) {
            rows.policies().forEach(this::parse);
            Map<IdpId, IdentityProvider> idps = identityProviders();
            Map<AppId, Application> byId = applications(idps.keySet());
            Map<Audience, Application> byAudience = new HashMap<>();
            byId.values().forEach(app -> byAudience.put(app.audience(), app));
            return new Compiled(
                    table(byId),
                    byId,
                    byAudience,
                    origins(),
                    idps,
                    tunnels(),
                    serviceTokens(),
                    settings(issuer),
                    demands.compile(rows, (id, why) -> report("certificate", id, "/certificate", why)),
                    List.copyOf(problems),
                    closed);
        }

        List<ConfigWarning> lint(Instant now) {
            Compiled compiled = compile("http://issuer.invalid");
            Set<IdpId> pins = rows.providers().stream()
                    .filter(row -> row.type().equals("onetimepin"))
                    .map(row -> new IdpId(row.id()))
                    .collect(Collectors.toSet());
            Map<UUID, List<PolicySpec>> specs = new HashMap<>();
            rows.links().forEach(each -> {
                PolicySpec spec = policies.get(each.policy());
                if (spec != null) {
                    specs.computeIfAbsent(each.app(), id -> new ArrayList<>()).add(spec);
                }
            });
            Set<String> broken =
                    compiled.problems().stream().map(ConfigProblem::id).collect(Collectors.toSet());
            ConfigLint lint =
                    new ConfigLint(basis.references(), pins, compiled.applications(), compiled.demands(), now);
            compiled.applicationsById().forEach((id, application) -> {
                List<PolicySpec> own = specs.getOrDefault(id.value(), List.of());
                boolean closed = broken.contains(id.toString())
                        || own.stream()
                                .anyMatch(spec -> broken.contains(spec.id().toString()));
                if (!closed) {
                    lint.look(application, own);
                }
            });
            return lint.warnings();
        }

        private void parse(Rows.Policy row) {
            Parsed known = parsedPolicies.get(row.id());
            if (known != null && known.row().equals(row)) {
                policies.put(row.id(), known.spec());
                return;
            }
            try {
                ObjectNode body = object(row.body()).put("name", row.name()).put("decision", row.decision());
                PolicySpec spec = PolicyJson.policy(new PolicyId(row.id()), body);
                parsedPolicies.put(row.id(), new Parsed(row, spec));
                policies.put(row.id(), spec);
            } catch (PolicyProblem unreadable) {
                report("policy", row.id(), unreadable.pointer(), unreadable);
            }
        }

        private Map<AppId, Application> applications(Set<IdpId> knownIdps) {
            Map<UUID, List<String>> destinations = new HashMap<>();
            rows.destinations()
                    .forEach(each -> destinations
                            .computeIfAbsent(each.app(), id -> new ArrayList<>())
                            .add(each.pattern()));
            Map<UUID, List<UUID>> links = new HashMap<>();
            Map<UUID, PolicySpec> unattached = new HashMap<>(policies);
            rows.links().forEach(each -> {
                links.computeIfAbsent(each.app(), id -> new ArrayList<>()).add(each.policy());
                unattached.remove(each.policy());
            });
            unattached.values().forEach(this::checkAlone);
            Map<AppId, Application> byId = new LinkedHashMap<>();
            for (Rows.App row : rows.applications()) {
                Application app = application(
                        row, destinations.getOrDefault(row.id(), List.of()), links.getOrDefault(row.id(), List.of()));
                app.allowedIdps().stream()
                        .filter(idp -> !knownIdps.contains(idp))
                        .forEach(idp ->
                                report("application", row.id(), "/allowed_idps", idp + " is not an identity provider"));
                byId.put(app.id(), app);
            }
            return byId;
        }

        private Application application(Rows.App row, List<String> destinations, List<UUID> links) {
            List<PolicySpec> specs = new ArrayList<>();
            for (UUID link : links) {
                PolicySpec spec = policies.get(link);
                if (spec == null) {
                    // Reported with the policy. Leaving out one policy could let others admit whom it denies.
                    return close(row, destinations);
                }
                specs.add(spec);
            }
            try {
                return compiledApplications.of(row, destinations, basis.compile(row.id(), specs), pages);
            } catch (PolicyProblem refused) {
                UUID policy = refused.policy().map(PolicyId::value).orElse(null);
                report(
                        policy == null ? "application" : "policy",
                        policy == null ? row.id() : policy,
                        refused.pointer(),
                        refused);
            } catch (Json.Unreadable unreadable) {
                report("application", row.id(), unreadable.pointer(), unreadable);
            }
            return close(row, destinations);
        }

        private Application close(Rows.App row, List<String> destinations) {
            closed++;
            return ApplicationCompiler.closed(row, destinations, nobody);
        }

        private void checkAlone(PolicySpec policy) {
            try {
                basis.compile(List.of(policy));
            } catch (PolicyProblem refused) {
                report("policy", policy.id().value(), refused.pointer(), refused);
            }
        }

        private HostTable<Application> table(Map<AppId, Application> byId) {
            List<HostTable.Entry<Application>> entries = new ArrayList<>();
            Map<UrlPattern, AppId> owners = new HashMap<>();
            for (Rows.App row : rows.applications()) {
                Application app = byId.get(new AppId(row.id()));
                if (app == null) {
                    continue;
                }
                for (UrlPattern pattern : app.patterns()) {
                    AppId owner = owners.putIfAbsent(pattern, app.id());
                    if (owner == null) {
                        entries.add(new HostTable.Entry<>(pattern, row.age(), app));
                    } else if (!owner.equals(app.id())) {
                        report("application", row.id(), "/destinations", pattern + " belongs to application " + owner);
                    }
                }
            }
            return HostTable.of(entries);
        }

        private HostTable<Upstream> origins() {
            List<HostTable.Entry<Upstream>> entries = new ArrayList<>();
            Set<UrlPattern> taken = new HashSet<>();
            for (Rows.Origin row : rows.origins()) {
                try {
                    UrlPattern place = UrlPattern.parse(row.hostname() + row.path());
                    if (taken.add(place)) {
                        entries.add(new HostTable.Entry<>(place, entries.size(), OriginCompiler.compile(row)));
                    } else {
                        report("origin", row.id(), "/hostname", place + " has an origin already");
                    }
                } catch (Json.Unreadable unreadable) {
                    report("origin", row.id(), unreadable.pointer(), unreadable);
                } catch (IllegalArgumentException bad) {
                    report("origin", row.id(), "/hostname", bad);
                }
            }
            for (Rows.TunnelHostname row : rows.tunnelHostnames()) {
                try {
                    UrlPattern place = UrlPattern.parse(row.hostname());
                    if (taken.add(place)) {
                        entries.add(new HostTable.Entry<>(place, entries.size(), tunnel(row)));
                    } else {
                        report("tunnel", row.tunnel(), "/hostname", place + " has an origin already");
                    }
                } catch (IllegalArgumentException bad) {
                    report("tunnel", row.tunnel(), "/hostname", bad);
                }
            }
            // Last, so that whatever somebody wrote himself comes first.
            for (Rows.TunnelHostname row : rows.tunnelHostnames()) {
                for (UrlPattern place : DeepWildcard.below(row.hostname())) {
                    if (taken.add(place)) {
                        entries.add(new HostTable.Entry<>(place, entries.size(), tunnel(row)));
                    }
                }
            }
            return HostTable.of(entries);
        }

        private static Upstream tunnel(Rows.TunnelHostname row) {
            return new Upstream.ViaTunnel(new TunnelId(row.tunnel()), row.hostname());
        }

        private Map<TunnelId, TunnelGrant> tunnels() {
            Map<TunnelId, TunnelGrant> all = new HashMap<>();
            for (Rows.Tunnel row : rows.tunnels()) {
                try {
                    TunnelGrant grant = tunnels.compile(row);
                    all.put(grant.id(), grant);
                } catch (GeneralSecurityException closed) {
                    report("tunnel", row.id(), "/tunnel_secret", "cannot be decrypted");
                }
            }
            return all;
        }

        private Map<IdpId, IdentityProvider> identityProviders() {
            Map<IdpId, IdentityProvider> all = new LinkedHashMap<>();
            for (Rows.Provider row : rows.providers()) {
                IdpId id = new IdpId(row.id());
                try {
                    all.put(id, providers.compile(row, rows.samlKeys()));
                } catch (Json.Unreadable unreadable) {
                    report("identity_provider", row.id(), unreadable.pointer(), unreadable);
                    all.put(
                            id,
                            new IdentityProvider.Unavailable(
                                    id, row.name(), row.type(), unreadable.pointer() + " " + unreadable.getMessage()));
                }
            }
            return all;
        }

        private ServiceTokens serviceTokens() {
            Map<String, ServiceTokens.Entry> byClientId = new HashMap<>();
            rows.tokens().forEach(row -> byClientId.put(row.clientId(), serviceToken(row)));
            return new ServiceTokens(byClientId);
        }

        private Settings settings(String issuer) {
            try {
                return SettingsCompiler.compile(rows, issuer);
            } catch (Json.Unreadable unreadable) {
                report("organization", rows.accountId(), unreadable.pointer(), unreadable);
                return SettingsCompiler.compile(rows.withOrganizationBody("{}"), issuer);
            }
        }

        private void report(String kind, UUID id, String pointer, RuntimeException why) {
            report(kind, id.toString(), pointer, String.valueOf(why.getMessage()));
        }

        private void report(String kind, UUID id, String pointer, String why) {
            report(kind, id.toString(), pointer, why);
        }

        private void report(String kind, String id, String pointer, RuntimeException why) {
            report(kind, id, pointer, String.valueOf(why.getMessage()));
        }

        private void report(String kind, String id, String pointer, String why) {
            ConfigProblem problem = new ConfigProblem(kind, id, pointer, why);
            if (!problems.contains(problem)) {
                problems.add(problem);
            }
        }
    }

    private static ServiceTokens.Entry serviceToken(Rows.Token row) {
        byte[] previous = row.previousSecretHash();
        return new ServiceTokens.Entry(
                new ServiceIdentity(new ServiceTokenId(row.id()), row.clientId(), row.name()),
                row.secretHash(),
                previous == null ? new byte[0] : previous,
                row.previousExpiresAt() == null ? Instant.MIN : row.previousExpiresAt(),
                row.expiresAt() == null ? Instant.MAX : row.expiresAt(),
                row.enabled());
    }

    /** A stored object; the database lets nothing else into these columns. */
    private static ObjectNode object(String text) {
        return (ObjectNode) JSON.readTree(text);
    }
}
