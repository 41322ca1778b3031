package io.sallyport.snapshot;

import io.sallyport.http.HostName;
import io.sallyport.http.HostTable;
import io.sallyport.http.UrlPattern;
import io.sallyport.identity.IdpId;
import io.sallyport.mtls.Demands;
import io.sallyport.policy.PolicyCompiler;
import io.sallyport.policy.PolicyLint;
import io.sallyport.policy.PolicySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Checks every application for likely mistakes. */
final class ConfigLint {
    private final PolicyLint policies;
    private final HostTable<Application> applications;
    private final CertificateLint certificates;
    private final List<ConfigWarning> warnings = new ArrayList<>();

    ConfigLint(
            PolicyCompiler.References references,
            Set<IdpId> oneTimePins,
            HostTable<Application> applications,
            Demands demands,
            Instant now) {
        this.policies = new PolicyLint(references, oneTimePins);
        this.applications = applications;
        this.certificates = new CertificateLint(references, demands, now);
    }

    List<ConfigWarning> warnings() {
        return List.copyOf(warnings);
    }

    /** @param specs its policies in ascending precedence */
    void look(Application application, List<PolicySpec> specs) {
        if (specs.isEmpty()) {
            about(
                    application,
                    "no_policies",
                    "/policies",
                    "it has no policies, so nobody gets in",
                    "attach a policy that allows those who need it");
        }
        for (PolicyLint.Finding finding : policies.check(specs, application.allowedIdps())) {
            warnings.add(new ConfigWarning(
                    finding.code().name().toLowerCase(Locale.ROOT),
                    application.id(),
                    application.name(),
                    finding.policy().id(),
                    finding.policy().name(),
                    finding.pointer(),
                    finding.reason(),
                    finding.advice()));
        }
        warnings.addAll(certificates.look(application, specs));
        List<UrlPattern> patterns = application.patterns();
        for (int i = 0; i < patterns.size(); i++) {
            uncovered(application, patterns.get(i), i);
        }
    }

    private void uncovered(Application application, UrlPattern pattern, int index) {
        String parent = pattern.uncoveredParent().orElse("");
        HostName host = pattern.literalHost().orElse(null);
        if (parent.isEmpty() || parent.contains("*") || host == null) {
            return;
        }
        Application owner = applications.find(host, parent).orElse(null);
        if (owner == null || !owner.id().equals(application.id())) {
            about(
                    application,
                    "uncovered_parent",
                    "/destinations/" + index,
                    pattern + " covers what lies below " + parent + " and not " + parent + " itself, which "
                            + (owner == null
                                    ? "no application protects"
                                    : "application \"" + owner.name() + "\" decides"),
                    "write " + host + parent + " to cover both, or add it as a destination");
        }
    }

    private void about(Application application, String code, String pointer, String reason, String advice) {
        warnings.add(
                new ConfigWarning(code, application.id(), application.name(), null, null, pointer, reason, advice));
    }
}
