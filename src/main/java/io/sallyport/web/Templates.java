package io.sallyport.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.thymeleaf.IEngineConfiguration;
import org.thymeleaf.templatemode.TemplateMode;
import org.thymeleaf.templateresolver.AbstractConfigurableTemplateResolver;
import org.thymeleaf.templateresource.ITemplateResource;
import org.thymeleaf.templateresource.StringTemplateResource;

/**
 * The texts of all pages, read when the server starts: they are rendered on event loops, which must not block on a
 * disk.
 */
final class Templates extends AbstractConfigurableTemplateResolver {
    private static final List<String> NAMES = List.of(
            "account",
            "certificate",
            "cli",
            "code",
            "hand-over",
            "landing",
            "launcher",
            "layout",
            "login",
            "notice",
            "problem");

    private final Map<String, String> texts =
            NAMES.stream().collect(Collectors.toUnmodifiableMap(Function.identity(), Templates::read));

    Templates() {
        setTemplateMode(TemplateMode.HTML);
        setCacheable(true);
    }

    @Override
    protected @Nullable ITemplateResource computeTemplateResource(
            IEngineConfiguration configuration,
            @Nullable String ownerTemplate,
            String template,
            String resourceName,
            @Nullable String characterEncoding,
            @Nullable Map<String, Object> attributes) {
        String text = texts.get(template);
        return text == null ? null : new StringTemplateResource(text);
    }

    private static String read(String name) {
        try (InputStream file = Templates.class.getResourceAsStream("/templates/" + name + ".html")) {
            if (file == null) {
                throw new IllegalStateException("no template " + name);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
