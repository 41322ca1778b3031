package io.sallyport.control;

/** Everything that can be read and changed, for what goes through all of it. */
record ConfigStores(
        TagChanges tags,
        ListChanges lists,
        IdentityProviderChanges providers,
        ServiceTokenChanges tokens,
        GroupChanges groups,
        PolicyChanges policies,
        ApplicationChanges applications,
        OriginChanges origins,
        OrganizationChanges organization) {}
