package io.sallyport.control;

import io.sallyport.control.ConfigDocument.Entry;
import io.sallyport.control.ConfigWorld.Item;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * What a plan leaves open for who may not write identity providers. A plan is worked out by making the change, and who may not make
 * it must learn nothing that way which reading would not tell: neither whether a secret they guess is the stored one (AD-05), nor
 * what answers at an address of their choice within the gateway's network (OI-08). So for them no secret is compared and nothing is
 * fetched, and the plan says where. A secret in the file that would be another one is therefore no change in a reader's plan: a
 * nightly comparison with a token that only reads stays quiet as long as all else agrees.
 */
final class LeftOpen {
    private final ArrayNode open = JsonNodeFactory.instance.arrayNode();

    private LeftOpen() {}

    /** @param touched which of the objects that are there already the change would write */
    static ArrayNode of(AdminCall call, ConfigDocument document, ConfigMatch match, Predicate<Item> touched) {
        LeftOpen left = new LeftOpen();
        if (!IdentityProviderChanges.mayWrite(call)) {
            document.all(ConfigKind.IDENTITY_PROVIDERS).forEach(entry -> left.look(entry, match.item(entry), touched));
        }
        return left.open;
    }

    private void look(Entry entry, @Nullable Item item, Predicate<Item> touched) {
        if (item != null) {
            entry.secrets()
                    .keySet()
                    .forEach(secret -> add(
                            entry,
                            secret,
                            "whether it is the stored one is told to those who may write identity providers"));
        }
        JsonNode config = entry.json().path("config");
        if (config.path(SamlImport.ADDRESS).isString() && (item == null || touched.test(item))) {
            add(
                    entry,
                    SamlImport.ADDRESS,
                    "what lies there is read for those who may write identity providers, and then goes before the file");
        }
    }

    private void add(Entry entry, String member, String why) {
        open.addObject()
                .put("kind", entry.kind().singular())
                .put("name", entry.label())
                .put("path", "/config/" + member)
                .put("why", why);
    }
}
