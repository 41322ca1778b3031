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
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compiles rows into the picture requests read. What cannot be understood closes the application it belongs to and nothing else:
 * the application keeps its place, so no less specific one takes over, and admits nobody. Before a write commits, the same
 * compilation of the proposed rows refuses what it would close.
 *
 * <p>What was parsed and compiled is kept by its exact content, so a rebuild does anew only what changed. Thread-safe.
 */
public final class SnapshotCompiler {
    /** For what is looked at and never in force: no token is ever issued by it. */
    private static final String NO_ISSUER = "http://issuer.invalid";

    private final ProviderCompiler providers;
    private final TunnelCompiler tunnels;
    private final DemandCompiler demands = new DemandCompiler();
    private final ParsedPolicies parsedPolicies = new ParsedPolicies();
    private final CompiledApplications compiledApplications = new CompiledApplications();
    private volatile @Nullable PolicyBasis lastBasis;

    SnapshotCompiler(ProviderCompiler providers, TunnelCompiler tunnels) {
        this.providers = providers;
        this.tunnels = tunnels;
    }

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

    /** Compiles rows that are not in force, to be asked what would come of them if they were committed. */
    public Trial attempt(Rows proposed) {
        Pass pass = new Pass(proposed);
        return new Trial(pass, pass.compile(NO_ISSUER));
    }

    /** A configuration that is not in force: read and compiled once, whatever is asked of it. */
    public static final class Trial {
        private final Pass pass;
        private final Compiled compiled;

        private Trial(Pass pass, Compiled compiled) {
            this.pass = pass;
            this.compiled = compiled;
        }

        /** What would be refused or closed; empty when all is well. */
        public List<ConfigProblem> problems() {
            return compiled.problems();
        }

        /** By their places. */
        public HostTable<Application> applications() {
            return compiled.applications();
        }

        /** By their ids. */
        public Map<AppId, Application> applicationsById() {
            return compiled.applicationsById();
        }

        /** What works and is most likely not meant. Applications that are closed are left out: they have problems. */
        public List<ConfigWarning> warnings(Instant now) {
            return pass.lint(compiled, now);
        }
    }

    /** @param issuer of every token, without trailing slash */
    Compiled compile(Rows rows, String issuer) {
        Pass pass = new Pass(rows);
        Compiled compiled = pass.compile(issuer);
        lastBasis = pass.basis;
        Set<UUID> present = rows.applications().stream().map(Rows.App::id).collect(Collectors.toSet());
        pass.basis.retain(present);
        compiledApplications.retain(present);
        parsedPolicies.retain(rows.policies().stream().map(Rows.Policy::id).collect(Collectors.toSet()));
        tunnels.retain(rows.tunnels().stream().map(Rows.Tunnel::id).collect(Collectors.toSet()));
        return compiled;
    }

    /** One compilation. */
    private final class Pass {
        private final Rows rows;
        private final ConfigProblems problems;
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
            this.problems = new ConfigProblems(basis.problems());
        }

        Compiled compile(String issuer) {
            Beforehand.make(
                    rows.policies().stream().filter(parsedPolicies::lacks).toList(), parsedPolicies::of);
            rows.policies().forEach(this::parse);
            Map<IdpId, IdentityProvider> idps = identityProviders();
            Map<AppId, Application> byId = applications(idps.keySet());
            Map<Audience, Application> byAudience = new HashMap<>();
            byId.values().forEach(app -> byAudience.put(app.audience(), app));
            return new Compiled(
                    table(byId),
                    byId,
                    byAudience,
                    new OriginTable(problems).compile(rows),
                    idps,
                    tunnels(),
                    serviceTokens(),
                    settings(issuer),
                    demands.compile(rows, (id, why) -> problems.report("certificate", id, "/certificate", why)),
                    problems.all(),
                    closed);
        }

        List<ConfigWarning> lint(Compiled compiled, Instant now) {
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
            try {
                policies.put(row.id(), parsedPolicies.of(row));
            } catch (PolicyProblem unreadable) {
                problems.report("policy", row.id(), unreadable.pointer(), unreadable);
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
            Map<UUID, List<PolicySpec>> specs = specs(links);
            Beforehand.make(
                    specs.entrySet().stream()
                            .filter(each -> basis.lacks(each.getKey(), each.getValue()))
                            .toList(),
                    each -> basis.compile(each.getKey(), each.getValue()));
            Map<AppId, Application> byId = new LinkedHashMap<>();
            for (Rows.App row : rows.applications()) {
                Application app = application(
                        row,
                        destinations.getOrDefault(row.id(), List.of()),
                        links.containsKey(row.id()) ? specs.get(row.id()) : List.of());
                app.allowedIdps().stream()
                        .filter(idp -> !knownIdps.contains(idp))
                        .forEach(idp -> problems.report(
                                "application", row.id(), "/allowed_idps", idp + " is not an identity provider"));
                byId.put(app.id(), app);
            }
            return byId;
        }

        /** The policies of each application; none where one of them cannot be read: without it others could admit whom it denies. */
        private Map<UUID, List<PolicySpec>> specs(Map<UUID, List<UUID>> links) {
            Map<UUID, List<PolicySpec>> all = new HashMap<>();
            links.forEach((application, ids) -> {
                if (policies.keySet().containsAll(ids)) {
                    all.put(application, ids.stream().map(policies::get).toList());
                }
            });
            return all;
        }

        /** @param specs null when one of its policies cannot be read, which is reported with the policy */
        private Application application(Rows.App row, List<String> destinations, @Nullable List<PolicySpec> specs) {
            if (specs == null) {
                return close(row, destinations);
            }
            try {
                return compiledApplications.of(row, destinations, basis.compile(row.id(), specs), pages);
            } catch (PolicyProblem refused) {
                UUID policy = refused.policy().map(PolicyId::value).orElse(null);
                problems.report(
                        policy == null ? "application" : "policy",
                        policy == null ? row.id() : policy,
                        refused.pointer(),
                        refused);
            } catch (Json.Unreadable unreadable) {
                problems.report("application", row.id(), unreadable.pointer(), unreadable);
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
                problems.report("policy", policy.id().value(), refused.pointer(), refused);
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
                        problems.report(
                                "application", row.id(), "/destinations", pattern + " belongs to application " + owner);
                    }
                }
            }
            return HostTable.of(entries);
        }

        private Map<TunnelId, TunnelGrant> tunnels() {
            Map<TunnelId, TunnelGrant> all = new HashMap<>();
            for (Rows.Tunnel row : rows.tunnels()) {
                try {
                    TunnelGrant grant = tunnels.compile(row);
                    all.put(grant.id(), grant);
                } catch (GeneralSecurityException closed) {
                    problems.report("tunnel", row.id(), "/tunnel_secret", "cannot be decrypted");
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
                    problems.report("identity_provider", row.id(), unreadable.pointer(), unreadable);
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
                problems.report(
                        "organization",
                        rows.accountId(),
                        unreadable.pointer(),
                        String.valueOf(unreadable.getMessage()));
                return SettingsCompiler.compile(rows.withOrganizationBody("{}"), issuer);
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
}
