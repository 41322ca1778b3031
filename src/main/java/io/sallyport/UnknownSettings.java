package io.sallyport;

import io.sallyport.catalog.StateFailure;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertiesPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Ends the start at a setting that nobody reads: a misspelt limit would be off without a word. It looks at arguments and files. What
 * the process inherits is left alone, because others write there too: Kubernetes sets {@code SALLYPORT_…} for a Service of that
 * name, and our commands have variables of their own.
 */
final class UnknownSettings implements BeanFactoryPostProcessor {
    private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("sallyport");

    /** Read by placeholders of {@code application.yaml}. */
    private static final Set<ConfigurationPropertyName> PORTS = Set.of(
            ConfigurationPropertyName.of("sallyport.http.port"),
            ConfigurationPropertyName.of("sallyport.management.port"));

    private final ConfigurableEnvironment environment;

    UnknownSettings(ConfigurableEnvironment environment) {
        this.environment = environment;
    }

    @Override
    public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
        Set<ConfigurationPropertyName> known = known(beans);
        written().filter(name -> !known.contains(name)).findFirst().ifPresent(unknown -> {
            throw new StateFailure("there is no setting " + unknown
                    + "; every one is named in the application.yaml of the jar, and a mistyped one would do nothing");
        });
    }

    private static Set<ConfigurationPropertyName> known(ConfigurableListableBeanFactory beans) {
        Set<ConfigurationPropertyName> known = new HashSet<>(PORTS);
        for (String bean : beans.getBeanDefinitionNames()) {
            Class<?> type = beans.getType(bean, false);
            if (type != null && isOurs(type) && type.isAnnotationPresent(ConfigurationProperties.class)) {
                String prefix =
                        type.getAnnotation(ConfigurationProperties.class).value();
                collect(ConfigurationPropertyName.of(prefix), type, known);
            }
        }
        return known;
    }

    private static void collect(ConfigurationPropertyName prefix, Class<?> type, Set<ConfigurationPropertyName> into) {
        for (RecordComponent each : type.getRecordComponents()) {
            ConfigurationPropertyName name = prefix.append(ConfigurationPropertyName.adapt(each.getName(), '.'));
            if (isOurs(each.getType())) {
                collect(name, each.getType(), into);
            } else {
                into.add(name);
            }
        }
    }

    private static boolean isOurs(Class<?> type) {
        return type.isRecord() && type.getPackageName().startsWith(UnknownSettings.class.getPackageName());
    }

    /** Names of ours in arguments and files; of an indexed one, that of the whole list. */
    private Stream<ConfigurationPropertyName> written() {
        return environment.getPropertySources().stream()
                .filter(source -> !(source instanceof SystemEnvironmentPropertySource))
                .filter(source -> !(source instanceof PropertiesPropertySource)) // of the JVM
                .filter(EnumerablePropertySource.class::isInstance)
                .flatMap(source -> Arrays.stream(((EnumerablePropertySource<?>) source).getPropertyNames()))
                .map(name -> ConfigurationPropertyName.adapt(name, '.'))
                .filter(OURS::isAncestorOf)
                .map(name -> name.isLastElementIndexed() ? name.getParent() : name);
    }
}
