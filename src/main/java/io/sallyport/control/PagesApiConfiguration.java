package io.sallyport.control;

import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.CustomPageRepository;
import io.sallyport.catalog.OrganizationRepository;
import java.time.InstantSource;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The part of the admin API about the pages admins write. */
@Configuration(proxyBeanMethods = false)
class PagesApiConfiguration {
    @Bean
    CustomPageChanges customPageChanges(
            Transactions transactions,
            CustomPageRepository pages,
            ApplicationRepository applications,
            OrganizationRepository organizations,
            AdminAudit audit,
            InstantSource clock) {
        return new CustomPageChanges(transactions, pages, applications, organizations, audit, clock);
    }

    @Bean
    CustomPagesController customPagesController(CustomPageChanges pages) {
        return new CustomPagesController(pages);
    }
}
