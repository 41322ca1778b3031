package io.sallyport.scim;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.util.MultiValueMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** One request of a directory, blocking: finds the kind of resource, does one thing in one transaction, and logs changes. */
class ScimEndpoint {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    private static final int USUAL_COUNT = 100;
    private static final int LARGEST_COUNT = 200;

    private final Map<String, ScimResources> resources;
    private final TransactionOperations transactions;
    private final ScimLog log;

    ScimEndpoint(ScimResources users, ScimResources groups, TransactionOperations transactions, ScimLog log) {
        this.resources = Map.of("Users", users, "Groups", groups);
        this.transactions = transactions;
        this.log = log;
    }

    /**
     * What was asked.
     *
     * @param path below {@code /v2/}
     */
    @SuppressWarnings("ArrayRecordComponent") // read once
    record Question(String method, String path, MultiValueMap<String, String> query, byte[] body) {}

    /** What is answered; without a body for a deletion. */
    record Answer(
            int status, @Nullable ObjectNode body, @Nullable String location) {}

    Answer answer(Directory directory, Question question) {
        String[] path = question.path().split("/", -1);
        if (path.length == 1 || (path.length == 2 && !resources.containsKey(path[0]))) {
            Optional<ObjectNode> document = ScimDocuments.find(directory, question.path());
            if (document.isPresent()) {
                if (!question.method().equals("GET")) {
                    throw ScimProblem.method();
                }
                return new Answer(200, document.get(), null);
            }
        }
        ScimResources kind = resources.get(path[0]);
        if (kind == null || path.length > 2) {
            throw ScimProblem.notFound();
        }
        if (path.length == 1) {
            return switch (question.method()) {
                case "GET" -> new Answer(200, list(directory, kind, question), null);
                case "POST" -> changed(directory, kind, question, null);
                default -> throw ScimProblem.method();
            };
        }
        UUID id = id(path[1]);
        return switch (question.method()) {
            case "GET" -> new Answer(200, inOne(() -> kind.get(directory, id, withMembers(question))), null);
            case "PUT", "PATCH", "DELETE" -> changed(directory, kind, question, id);
            default -> throw ScimProblem.method();
        };
    }

    private Answer changed(Directory directory, ScimResources kind, Question question, @Nullable UUID id) {
        ObjectNode body = question.method().equals("DELETE") ? null : body(question);
        ScimLog.Change change = new ScimLog.Change(question.method(), kind.kind(), id, body);
        try {
            return inOne(() -> {
                Answer answer = change(directory, kind, question, id, body);
                log.made(directory, change, answer);
                return answer;
            });
        } catch (ScimProblem refused) {
            log.refused(directory, change, refused);
            throw refused;
        }
    }

    private static Answer change(
            Directory directory, ScimResources kind, Question question, @Nullable UUID id, @Nullable ObjectNode body) {
        if (id == null) {
            ObjectNode made = kind.create(directory, Objects.requireNonNull(body));
            return new Answer(201, made, made.path("meta").path("location").asString());
        }
        return switch (question.method()) {
            case "PUT" -> new Answer(200, kind.replace(directory, id, Objects.requireNonNull(body)), null);
            case "PATCH" ->
                new Answer(200, kind.patch(directory, id, ScimPatch.read(Objects.requireNonNull(body))), null);
            default -> {
                kind.delete(directory, id);
                yield new Answer(204, null, null);
            }
        };
    }

    private ObjectNode list(Directory directory, ScimResources kind, Question question) {
        Optional<ScimFilter> filter = one(question, "filter").map(ScimFilter::parse);
        int startIndex = Math.max(1, number(question, "startIndex", 1));
        int count = Math.clamp(number(question, "count", USUAL_COUNT), 0, LARGEST_COUNT);
        ScimResources.Page page = inOne(() -> kind.list(directory, filter, startIndex, count, withMembers(question)));
        ObjectNode list = JsonNodeFactory.instance.objectNode();
        list.putArray("schemas").add(LIST);
        list.put("totalResults", page.total())
                .put("startIndex", startIndex)
                .put("itemsPerPage", page.resources().size());
        var resourcesOfPage = list.putArray("Resources");
        page.resources().forEach(resourcesOfPage::add);
        return list;
    }

    /** Entra leaves members out when it only wants to know whether a group is there. */
    private static boolean withMembers(Question question) {
        return one(question, "excludedAttributes")
                .map(text ->
                        Arrays.stream(text.split(",", -1)).map(String::strip).toList())
                .filter(names -> names.contains("members") || names.contains("groups"))
                .isEmpty();
    }

    private <T> T inOne(Supplier<T> work) {
        return Objects.requireNonNull(transactions.execute(status -> work.get()));
    }

    private static ObjectNode body(Question question) {
        try {
            if (JSON.readTree(question.body()) instanceof ObjectNode object) {
                return AttributeNames.spelled(object);
            }
        } catch (JacksonException notJson) {
            // Answered below.
        }
        throw ScimProblem.syntax("the body must be a JSON object");
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException notOurs) {
            throw ScimProblem.notFound();
        }
    }

    private static Optional<String> one(Question question, String name) {
        List<String> values = question.query().getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw ScimProblem.filter(name + " twice");
        }
        return values.stream().findFirst();
    }

    private static int number(Question question, String name, int usual) {
        return one(question, name)
                .map(text -> {
                    try {
                        return Integer.parseInt(text);
                    } catch (NumberFormatException e) {
                        throw ScimProblem.invalid(name + " must be a number");
                    }
                })
                .orElse(usual);
    }
}
