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
    ConfigController configController(
            Transactions transactions,
            List<ConfigSection> all,
            IdentityProviderChanges providers,
            SamlCertificates certificateSets,
            Lint lint) {
        ConfigSections sections = new ConfigSections(all);
        ConfigExport export = new ConfigExport(transactions, sections, providers);
        return new ConfigController(
                export, new ConfigApply(transactions, export, sections, providers, certificateSets, lint));
    }
}
