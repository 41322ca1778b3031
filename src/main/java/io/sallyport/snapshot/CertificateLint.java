package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import io.sallyport.identity.GroupId;
import io.sallyport.mtls.Authority;
import io.sallyport.mtls.Demand;
import io.sallyport.mtls.Demands;
import io.sallyport.policy.GroupSpec;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicySpec;
import io.sallyport.policy.Selector;
import java.security.cert.X509CRL;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Warns of likely mistakes with client certificates: asking for one without a policy that looks at it has no effect,
 * and a policy that requires one on a host that does not ask for it admits nobody.
 */
final class CertificateLint {
    private static final Duration SOON = Duration.ofDays(30);

    private final PolicyCompiler.References references;
    private final Demands demands;
    private final Instant now;

    CertificateLint(PolicyCompiler.References references, Demands demands, Instant now) {
        this.references = references;
        this.demands = demands;
        this.now = now;
    }

    List<ConfigWarning> look(Application application, List<PolicySpec> specs) {
        List<ConfigWarning> warnings = new ArrayList<>();
        List<Map.Entry<HostName, Demand>> asked = demands.hosts().entrySet().stream()
                .filter(each -> application.patterns().stream().anyMatch(pattern -> pattern.coversHost(each.getKey())))
                .sorted(Map.Entry.comparingByKey(Comparator.comparing(HostName::value)))
                .toList();
        boolean looks = specs.stream().anyMatch(this::looksAtCertificates);
        if (!asked.isEmpty() && !specs.isEmpty() && !looks) {
            warnings.add(about(
                    application,
                    "certificate_not_needed",
                    "/policies",
                    asked.getFirst().getKey() + " asks for a client certificate, but no policy looks at it: it makes no"
                            + " difference whether one is shown",
                    "require certificate or common_name in its policies, or take the host from the certificate's"
                            + " associated_hostnames"));
        }
        if (asked.isEmpty() && looks) {
            warnings.add(about(
                    application,
                    "certificate_never_asked",
                    "/policies",
                    "its policies want a client certificate, but none of its hosts asks for one, so nobody can show one",
                    "add its hosts to the associated_hostnames of the authority's certificate"));
        }
        asked.stream()
                .flatMap(each -> each.getValue().authorities().stream())
                .distinct()
                .forEach(authority -> times(application, authority, warnings));
        return warnings;
    }

    private void times(Application application, Authority authority, List<ConfigWarning> warnings) {
        Instant end = authority.certificate().getNotAfter().toInstant();
        if (end.isBefore(now.plus(SOON))) {
            warnings.add(about(
                    application,
                    "authority_expires",
                    "",
                    "the authority \"" + authority.name() + "\" of its client certificates "
                            + (end.isBefore(now) ? "expired on " : "expires on ") + end
                            + (end.isBefore(now) ? ": none of them counts" : ": from then on none of them counts"),
                    "upload the next authority beside it, and take this one away when all certificates are renewed"));
        }
        X509CRL list = authority.list();
        if (list != null
                && list.getNextUpdate() != null
                && list.getNextUpdate().toInstant().isBefore(now)) {
            warnings.add(about(
                    application,
                    "revocation_list_old",
                    "",
                    "the revocation list of \"" + authority.name() + "\" ended on "
                            + list.getNextUpdate().toInstant()
                            + "; unless revocation is soft or off, certificates that no other list covers are refused",
                    "upload the newest list as crl"));
        }
    }

    private boolean looksAtCertificates(PolicySpec policy) {
        return Stream.of(policy.include(), policy.require(), policy.exclude())
                .flatMap(List::stream)
                .anyMatch(selector -> looksAtCertificates(selector, new HashSet<>()));
    }

    private boolean looksAtCertificates(Selector selector, Set<GroupId> seen) {
        if (selector instanceof Selector.AnyCertificate || selector instanceof Selector.CommonName) {
            return true;
        }
        if (!(selector instanceof Selector.InGroup(GroupId id)) || !seen.add(id)) {
            return false;
        }
        GroupSpec group = references.groups().get(id);
        return group != null
                && Stream.of(group.include(), group.require(), group.exclude())
                        .flatMap(List::stream)
                        .anyMatch(each -> looksAtCertificates(each, seen));
    }

    private static ConfigWarning about(
            Application application, String code, String pointer, String reason, String advice) {
        return new ConfigWarning(code, application.id(), application.name(), null, null, pointer, reason, advice);
    }
}
