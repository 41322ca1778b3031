package io.sallyport;

import io.sallyport.catalog.EmbeddedDatabase;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.FilterType;

/**
 * The Spring application: the edge and the control plane. Each package brings its top-level configuration classes, found by scanning
 * for their name, so that the start reads these classes and no others; nested ones are pieces of a test's own world and stay out of
 * this one. Where Spring Boot itself looks for things in our code is the package of the tables: in all of ours it would read every
 * class at every start, in search of Jackson mix-ins, of which there are none.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@AutoConfigurationPackage(basePackages = "io.sallyport.catalog")
@EnableAutoConfiguration
@ComponentScan(
        resourcePattern = "**/*Configuration.class",
        useDefaultFilters = false,
        includeFilters = @ComponentScan.Filter(type = FilterType.ANNOTATION, classes = Configuration.class),
        excludeFilters = @ComponentScan.Filter(type = FilterType.REGEX, pattern = ".*\\$.*"))
public class SallyportServer {
    /** The clock everything takes its time from; tests replace it. */
    @Bean
    InstantSource clock() {
        return InstantSource.system();
    }

    /** Starts the gateway; returns its exit status, 0 once it runs. */
    static int gateway(List<String> args) {
        return start(args, List.of());
    }

    /** Starts the gateway with everything a first look needs beside it. */
    static int demo(List<String> args) {
        return start(args, List.of("demo"));
    }

    private static int start(List<String> args, List<String> profiles) {
        oneEventLoopForEachProcessor();
        SpringApplication application = new SpringApplication(SallyportServer.class);
        application.setWebApplicationType(WebApplicationType.REACTIVE);
        List<String> all = new ArrayList<>(args);
        profiles.forEach(profile -> all.add("--spring.profiles.active=" + profile));
        EmbeddedDatabase database = new EmbeddedDatabase();
        application.addInitializers(database);
        try {
            application.run(all.toArray(String[]::new));
            return 0;
        } catch (RuntimeException reported) {
            database.close();
            // StartFailureReporter has said in one line what is wrong; the stack would only bury it.
            return 1;
        }
    }

    /** Reactor Netty would start four on a machine of two, which then take turns; read when its first class is loaded. */
    private static void oneEventLoopForEachProcessor() {
        if (System.getProperty("reactor.netty.ioWorkerCount") == null) {
            int processors = Math.max(2, Runtime.getRuntime().availableProcessors());
            System.setProperty("reactor.netty.ioWorkerCount", String.valueOf(processors));
        }
    }
}
