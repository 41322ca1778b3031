package io.sallyport.control;

import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.CustomPageRepository;
import io.sallyport.catalog.Destinations;
import io.sallyport.catalog.GroupRepository;
import io.sallyport.catalog.ListItemRepository;
import io.sallyport.catalog.ListRepository;
import io.sallyport.catalog.OriginRepository;
import io.sallyport.catalog.PolicyLinks;
import io.sallyport.catalog.PolicyRepository;
import io.sallyport.catalog.ServiceTokenRepository;
import io.sallyport.catalog.TagRepository;
import io.sallyport.catalog.UserRepository;
import io.sallyport.session.SessionLedger;
import io.sallyport.snapshot.SnapshotHolder;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/** The part of the admin API about applications and who may enter them: policies, and what policies name. */
@Configuration(proxyBeanMethods = false)
class PolicyApiConfiguration {
    @Bean
    PolicyCheck policyCheck(References references, GroupRepository groups) {
        return new PolicyCheck(references, groups);
    }

    @Bean
    ApplicationViews applicationViews(PolicyLinks links, PolicyRepository policies) {
        return new ApplicationViews(links, policies);
    }

    @Bean
    PolicyAttachments policyAttachments(PolicyRepository policies, PolicyLinks links, PolicyCheck check) {
        return new PolicyAttachments(policies, links, check);
    }

    @Bean
    StoredApplications storedApplications(ApplicationRepository applications, Destinations destinations) {
        return new StoredApplications(applications, destinations);
    }

    @Bean
    ApplicationChanges applicationChanges(
            Transactions transactions,
            StoredApplications applications,
            References references,
            ReservedHosts reserved,
            PolicyAttachments attachments,
            ApplicationViews views,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        ApplicationCheck check = new ApplicationCheck(references, reserved);
        return new ApplicationChanges(transactions, applications, check, attachments, views, sessions, audit, clock);
    }

    @Bean
    ApplicationsController applicationsController(
            ApplicationChanges applications,
            StoredApplications stored,
            Transactions transactions,
            ApplicationViews views,
            UserRepository users,
            UserSessions sessions,
            SnapshotHolder snapshots,
            AccountScope scope) {
        return new ApplicationsController(
                applications, new UserPolicyChecks(transactions, stored, views, users, sessions, snapshots, scope));
    }

    @Bean
    BookmarksController bookmarksController(Transactions transactions, ApplicationChanges applications) {
        return new BookmarksController(new BookmarkChanges(transactions, applications));
    }

    @Bean
    AppPoliciesController appPoliciesController(
            Transactions transactions,
            StoredApplications applications,
            ApplicationViews views,
            PolicyAttachments attachments,
            AdminAudit audit,
            InstantSource clock) {
        return new AppPoliciesController(
                new AppPolicyChanges(transactions, applications, views, attachments, audit, clock));
    }

    @Bean
    PolicyChanges policyChanges(
            Transactions transactions,
            PolicyRepository policies,
            PolicyLinks links,
            PolicyCheck check,
            References references,
            AccountScope scope,
            AdminAudit audit,
            InstantSource clock) {
        return new PolicyChanges(transactions, policies, links, check, references, scope, audit, clock);
    }

    @Bean
    PoliciesController policiesController(PolicyChanges policyChanges) {
        return new PoliciesController(policyChanges);
    }

    @Bean
    GroupChanges groupChanges(
            Transactions transactions,
            GroupRepository groups,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        return new GroupChanges(transactions, groups, references, audit, clock);
    }

    @Bean
    GroupsController groupsController(GroupChanges groupChanges) {
        return new GroupsController(groupChanges);
    }

    @Bean
    ListChanges listChanges(
            Transactions transactions,
            ListRepository lists,
            ListItemRepository items,
            References references,
            AdminAudit audit,
            InstantSource clock) {
        return new ListChanges(transactions, lists, items, references, audit, clock);
    }

    @Bean
    ListsController listsController(ListChanges listChanges) {
        return new ListsController(listChanges);
    }

    @Bean
    TagChanges tagChanges(
            Transactions transactions,
            TagRepository tags,
            References references,
            JdbcClient jdbc,
            AdminAudit audit,
            InstantSource clock) {
        return new TagChanges(transactions, tags, references, jdbc, audit, clock);
    }

    @Bean
    TagsController tagsController(TagChanges tagChanges) {
        return new TagsController(tagChanges);
    }

    @Bean
    ServiceTokenChanges serviceTokenChanges(
            Transactions transactions,
            ServiceTokenRepository tokens,
            References references,
            SessionLedger sessions,
            AdminAudit audit,
            InstantSource clock) {
        return new ServiceTokenChanges(transactions, tokens, references, sessions, audit, clock);
    }

    @Bean
    EndedGraces endedGraces(
            JdbcClient jdbc, TransactionOperations transactions, SessionLedger sessions, InstantSource clock) {
        return new EndedGraces(jdbc, transactions, sessions, clock);
    }

    @Bean
    ServiceTokensController serviceTokensController(ServiceTokenChanges serviceTokenChanges) {
        return new ServiceTokensController(serviceTokenChanges);
    }

    @Bean
    CustomPageChanges customPageChanges(
            Transactions transactions,
            CustomPageRepository pages,
            ApplicationRepository applications,
            OrganizationChanges organization,
            AdminAudit audit,
            InstantSource clock) {
        return new CustomPageChanges(transactions, pages, applications, organization, audit, clock);
    }

    @Bean
    CustomPagesController customPagesController(CustomPageChanges pages) {
        return new CustomPagesController(pages);
    }

    @Bean
    OriginChanges originChanges(
            Transactions transactions,
            OriginRepository origins,
            HostnameClaims claims,
            AdminAudit audit,
            InstantSource clock) {
        return new OriginChanges(transactions, origins, claims, audit, clock);
    }

    @Bean
    OriginsController originsController(OriginChanges originChanges) {
        return new OriginsController(originChanges);
    }
}
