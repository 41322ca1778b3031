package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** A section whose objects the API has just as the file has them. */
record ConfigPlain(
        ConfigKind kind,
        Supplier<List<ObjectNode>> reading,
        BiFunction<AdminCall, Fields, ObjectNode> creating,
        Replacing replacing,
        BiConsumer<AdminCall, UUID> removing)
        implements ConfigSection {
    /** A {@code PUT}. */
    @FunctionalInterface
    interface Replacing {
        /** Replaces the object. */
        ObjectNode replace(AdminCall call, UUID id, Fields body);
    }

    @Override
    public List<ObjectNode> all() {
        return reading.get();
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return creating.apply(call, body);
    }

    @Override
    public void change(AdminCall call, Item item, Fields body) {
        replacing.replace(call, item.uuid(), body);
    }

    @Override
    public void remove(AdminCall call, Item item) {
        removing.accept(call, item.uuid());
    }
}
