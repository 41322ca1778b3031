package io.sallyport.control;

import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The whole configuration as one file: its sections, what it says of itself, and what it is made of. */
@Configuration(proxyBeanMethods = false)
@Import({
    ConfigTags.class,
    ConfigLists.class,
    ConfigIdentityProviders.class,
    ConfigServiceTokens.class,
    ConfigCertificates.class,
    ConfigCertificateSettings.class,
    ConfigApplications.class,
    ConfigTunnels.class,
    ConfigZones.class,
    ConfigDnsRecords.class,
    ConfigOrganization.class,
    ConfigKeys.class
})
class ConfigFileConfiguration {
    @Bean
    ConfigSection configWorkloadIssuers(WorkloadIssuerChanges issuers) {
        return new ConfigPlain(
                ConfigKind.WORKLOAD_ISSUERS, issuers::all, issuers::create, issuers::replace, issuers::delete);
    }

    @Bean
    ConfigSection configCustomPages(CustomPageChanges pages) {
        return new ConfigPlain(ConfigKind.CUSTOM_PAGES, pages::whole, pages::create, pages::replace, pages::delete);
    }

    @Bean
    ConfigSection configGroups(GroupChanges groups) {
        return new ConfigPlain(
                ConfigKind.GROUPS,
                () -> ConfigSection.pages(groups::list),
                groups::create,
                groups::replace,
                groups::delete);
    }

    @Bean
    ConfigSection configPolicies(PolicyChanges policies) {
        return new ConfigPlain(
                ConfigKind.POLICIES,
                () -> ConfigSection.pages(policies::list),
                policies::create,
                policies::replace,
                policies::delete);
    }

    @Bean
    ConfigSection configOrigins(OriginChanges origins) {
        return new ConfigPlain(
                ConfigKind.ORIGINS,
                () -> ConfigSection.pages(origins::list),
                origins::create,
                origins::replace,
                origins::delete);
    }

    @Bean
    ConfigSections configSections(List<ConfigSection> all) {
        return new ConfigSections(all);
    }

    @Bean
    ConfigExport configExport(Transactions transactions, ConfigSections sections, IdentityProviderChanges providers) {
        return new ConfigExport(transactions, sections, providers);
    }

    @Bean
    ConfigApply configApply(
            Transactions transactions,
            ConfigExport export,
            ConfigSections sections,
            IdentityProviderChanges providers,
            SamlCertificates certificateSets,
            Lint lint) {
        return new ConfigApply(transactions, export, sections, providers, certificateSets, lint);
    }

    @Bean
    ConfigController configController(ConfigExport export, ConfigApply apply, PlanningPlace planning) {
        return new ConfigController(export, apply, planning);
    }
}
