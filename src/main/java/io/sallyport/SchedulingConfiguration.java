package io.sallyport;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** Where what is done now and then is done. */
@Configuration(proxyBeanMethods = false)
class SchedulingConfiguration {
    /** More than there are such tasks. */
    private static final int THREADS = 16;

    /**
     * With virtual threads Spring Boot would run all that has a fixed delay on one thread, where a DNS server that never answers keeps
     * signing keys from changing and replaced secrets from ending.
     */
    @Bean
    ThreadPoolTaskScheduler taskScheduler() {
        ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
        scheduler.setPoolSize(THREADS);
        scheduler.setThreadFactory(Thread.ofVirtual().name("scheduled-", 1).factory());
        return scheduler;
    }
}
