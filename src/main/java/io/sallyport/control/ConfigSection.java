package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.springframework.util.LinkedMultiValueMap;
import tools.jackson.databind.node.ObjectNode;

/**
 * One section of the one file: how its objects are read, made, changed and removed, each whole, as the file has it. What the API does
 * in several calls, or asks for beforehand, is one step here.
 */
interface ConfigSection {
    /** Which section. */
    ConfigKind kind();

    /** All its objects, as the API shows them. */
    List<ObjectNode> all();

    /** Makes an object; answers as the API does. */
    ObjectNode create(AdminCall call, Fields body);

    /** Makes an object what the file says. */
    void change(AdminCall call, Item item, Fields body);

    /** The same; answers with what is shown once because of it. */
    default Optional<ObjectNode> changeAndShow(AdminCall call, Item item, Fields body) {
        change(call, item, body);
        return Optional.empty();
    }

    /** Removes an object. */
    void remove(AdminCall call, Item item);

    /** Gives up the place that an object holds, since another of the section may be about to take it. */
    default void release(AdminCall call, Item item) {}

    /** What a new object is used with, shown once to who made it. */
    default Optional<ObjectNode> credential(ObjectNode made) {
        return Optional.empty();
    }

    /** A list that comes in pages, read to its end. */
    static List<ObjectNode> pages(Function<Query, Paged<ObjectNode>> list) {
        List<ObjectNode> all = new ArrayList<>();
        for (int page = 1; ; page++) {
            LinkedMultiValueMap<String, String> parameters = new LinkedMultiValueMap<>();
            parameters.add("page", String.valueOf(page));
            parameters.add("per_page", String.valueOf(Paging.MAX_PER_PAGE));
            Paged<ObjectNode> found = list.apply(new Query(parameters));
            all.addAll(found.items());
            if (found.items().size() < Paging.MAX_PER_PAGE) {
                return all;
            }
        }
    }
}
