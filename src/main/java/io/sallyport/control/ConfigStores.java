package io.sallyport.control;

/** Everything that can be read and changed, for what goes through all of it. */
record ConfigStores(
        TagChanges tags,
        ListChanges lists,
        IdentityProviderChanges providers,
        ServiceTokenChanges tokens,
        WorkloadIssuerChanges issuers,
        CertificateChanges certificates,
        CustomPageChanges pages,
        GroupChanges groups,
        PolicyChanges policies,
        ApplicationChanges applications,
        TunnelChanges tunnels,
        TunnelConfigurationChanges tunnelConfigurations,
        DnsRecordChanges dns,
        OriginChanges origins,
        OrganizationChanges organization) {}
