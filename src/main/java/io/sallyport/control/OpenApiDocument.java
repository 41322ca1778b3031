package io.sallyport.control;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.reactive.result.method.RequestMappingInfo;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The OpenAPI 3.1 document of this API: every path and parameter from the handler mappings, every object from {@link ApiShapes}. A
 * new handler is in it as soon as it exists.
 */
final class OpenApiDocument {
    /** Last path segments of POSTs that act on an existing object. */
    private static final Set<String> ACTIONS = Set.of(
            "rotate", "refresh", "refresh_scim_secret", "revoke_tokens", "revoke-tokens", "revoke", "saml_certificate");

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");
    private static final Set<Class<?>> BODIES =
            Set.of(Fields.class, ArrayNode.class, ConfigController.File.class, ZoneUpload.class);

    private final ApiShapes shapes;

    OpenApiDocument(ApiShapes shapes) {
        this.shapes = shapes;
    }

    /** One operation: a path, a method and its handler. */
    private record Operation(String path, String method, HandlerMethod handler) {}

    /** Generates the document. */
    ObjectNode of(RequestMappingHandlerMapping mappings) {
        ObjectNode document = JSON.objectNode().put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "Sallyport")
                .put("version", "v4")
                .put(
                        "description",
                        "The admin API. Paths and shapes follow the API its clients already speak;"
                                + " what stands below sallyport/ is ours alone.");
        document.putArray("servers").addObject().put("url", "/");
        ArrayNode security = document.putArray("security");
        security.addObject().putArray("token");
        ObjectNode older = security.addObject();
        older.putArray("email");
        older.putArray("key");
        ObjectNode schemas = shapes.schemas();
        WrittenShapes written = new WrittenShapes(schemas);
        ObjectNode paths = document.putObject("paths");
        for (Operation operation : operations(mappings)) {
            ObjectNode path =
                    paths.get(operation.path()) instanceof ObjectNode known ? known : paths.putObject(operation.path());
            path.set(operation.method(), describe(operation, written));
        }
        ObjectNode components = document.putObject("components");
        putSecuritySchemes(components.putObject("securitySchemes"));
        putParameters(components.putObject("parameters"));
        putResponses(components.putObject("responses"));
        written.complete();
        components.set("schemas", schemas);
        return document;
    }

    private static void putSecuritySchemes(ObjectNode schemes) {
        schemes.putObject("token")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "A token from sallyport/tokens, or the bootstrap token");
        putHeader(schemes, "email", "X-Auth-Email", "As older clients send it; any address");
        putHeader(schemes, "key", "X-Auth-Key", "As older clients send it: the same token");
    }

    private static void putHeader(ObjectNode schemes, String name, String header, String description) {
        schemes.putObject(name)
                .put("type", "apiKey")
                .put("in", "header")
                .put("name", header)
                .put("description", description);
    }

    private static List<Operation> operations(RequestMappingHandlerMapping mappings) {
        List<Operation> operations = new ArrayList<>();
        mappings.getHandlerMethods().forEach((mapping, handler) -> {
            for (String path : paths(mapping)) {
                for (RequestMethod method : mapping.getMethodsCondition().getMethods()) {
                    operations.add(new Operation(path, method.name().toLowerCase(Locale.ROOT), handler));
                }
            }
        });
        operations.sort(Comparator.comparing(Operation::path).thenComparing(Operation::method));
        return operations;
    }

    private static List<String> paths(RequestMappingInfo mapping) {
        return mapping.getPatternsCondition().getPatterns().stream()
                .map(pattern -> pattern.getPatternString())
                .filter(path -> path.startsWith(ApiPaths.ROOT + "/"))
                .toList();
    }

    private ObjectNode describe(Operation operation, WrittenShapes written) {
        Method method = operation.handler().getMethod();
        ApiShapes.Handler shape = shapes.handler(method);
        ObjectNode json = JSON.objectNode().put("operationId", id(operation));
        if (!shape.about().isEmpty()) {
            json.put("summary", shape.about());
        }
        Concerns.Need need = Concerns.Need.of(method, operation.method().toUpperCase(Locale.ROOT));
        if (need != null) {
            json.putArray("tags").add(need.kind().word());
            ObjectNode scope = json.putObject("x-sallyport-scope")
                    .put(need.kind().word(), need.access().word());
            need.also().forEach(kind -> scope.put(kind.word(), Access.READ.word()));
        }
        putParameters(json.putArray("parameters"), operation, shape);
        if (Arrays.stream(method.getParameterTypes()).anyMatch(BODIES::contains)) {
            JsonNode body = written.of(shape.takes());
            json.putObject("requestBody")
                    .put("required", written.mustSaySomething(body))
                    .putObject("content")
                    .putObject(takesFile(method) ? "multipart/form-data" : "application/json")
                    .set("schema", body);
        }
        ObjectNode responses = json.putObject("responses");
        ObjectNode good = responses.putObject("200").put("description", "Done");
        ObjectNode answer = (ObjectNode) shape.answer();
        if (isPaged(operation, shape) && shape.isCounted()) {
            answer.withArray("required").add("result_info");
        }
        good.putObject("content").putObject(mediaType(operation)).set("schema", answer);
        // 429 is the door's answer to whoever sent many wrong tokens, so every operation may give it.
        List<String> refusals = operation.method().equals("get")
                ? List.of("400", "401", "403", "404", "429", "500", "503")
                : List.of("400", "401", "403", "404", "409", "412", "413", "429", "500", "503");
        refusals.forEach(status -> responses.putObject(status).put("$ref", "#/components/responses/Refused"));
        return json;
    }

    private static boolean takesFile(Method method) {
        return Arrays.asList(method.getParameterTypes()).contains(ZoneUpload.class);
    }

    private static String mediaType(Operation operation) {
        return switch (operation.path().substring(operation.path().lastIndexOf('/') + 1)) {
            case "export" ->
                switch (operation.handler().getBeanType().getSimpleName()) {
                    case "LogsController" -> "application/x-ndjson";
                    case "DnsRecordsController" -> "text/plain";
                    default -> "application/json";
                };
            case "pem" -> "application/x-pem-file";
            default -> "application/json";
        };
    }

    /**
     * The operation's id: unique, readable, and stable across releases. Made of controller, method, and a suffix where
     * a handler has several paths.
     */
    private static String id(Operation operation) {
        Method method = operation.handler().getMethod();
        StringBuilder id = new StringBuilder(ApiShapes.key(method).replace('.', '_'));
        if (operation.path().startsWith(ApiPaths.ZONE) && !ApiShapes.key(method).startsWith("Accounts")) {
            id.append("_zone");
        }
        if (hasSeveralPaths(method)) {
            String last = operation.path().substring(operation.path().lastIndexOf('/') + 1);
            id.append('_').append(last.replace("-", "_hyphen_"));
        }
        if (method.isAnnotationPresent(RequestMapping.class)) {
            id.append('_').append(operation.method());
        }
        return id.toString();
    }

    private static boolean hasSeveralPaths(Method method) {
        GetMapping get = method.getAnnotation(GetMapping.class);
        PostMapping post = method.getAnnotation(PostMapping.class);
        return (get != null && get.value().length > 1) || (post != null && post.value().length > 1);
    }

    private void putParameters(ArrayNode parameters, Operation operation, ApiShapes.Handler shape) {
        Matcher variable = VARIABLE.matcher(operation.path());
        while (variable.find()) {
            parameters
                    .addObject()
                    .put("name", variable.group(1))
                    .put("in", "path")
                    .put("required", true)
                    .putObject("schema")
                    .put("type", "string");
        }
        if (isPaged(operation, shape)) {
            parameters.addObject().put("$ref", "#/components/parameters/page");
            parameters.addObject().put("$ref", "#/components/parameters/per_page");
        }
        shape.query()
                .forEach(name -> parameters
                        .addObject()
                        .put("name", name)
                        .put("in", "query")
                        .set("schema", shapes.parameter(name)));
        if (isConditional(operation)) {
            parameters.addObject().put("$ref", "#/components/parameters/if_match");
        }
    }

    private static boolean isPaged(Operation operation, ApiShapes.Handler shape) {
        return shape.isList()
                && Arrays.asList(operation.handler().getMethod().getParameterTypes())
                        .contains(Query.class);
    }

    /**
     * Whether the operation changes an existing object, so that {@code If-Match} applies; a POST only if its path ends
     * in an action.
     */
    private static boolean isConditional(Operation operation) {
        String last = operation.path().substring(operation.path().lastIndexOf('/') + 1);
        return switch (operation.method()) {
            case "get" -> false;
            case "post" -> ACTIONS.contains(last);
            default -> true;
        };
    }

    private static void putParameters(ObjectNode parameters) {
        parameters
                .putObject("page")
                .put("name", "page")
                .put("in", "query")
                .set("schema", number(1, Paging.LAST_PAGE, 1));
        parameters
                .putObject("per_page")
                .put("name", "per_page")
                .put("in", "query")
                .set("schema", number(1, Paging.MAX_PER_PAGE, Paging.DEFAULT_PER_PAGE));
        parameters
                .putObject("if_match")
                .put("name", "If-Match")
                .put("in", "header")
                .put("description", "The ETag of the state the change is meant for; another state answers 412")
                .putObject("schema")
                .put("type", "string");
    }

    private static ObjectNode number(int min, int max, int usual) {
        return JSON.objectNode()
                .put("type", "integer")
                .put("minimum", min)
                .put("maximum", max)
                .put("default", usual);
    }

    private static void putResponses(ObjectNode responses) {
        responses
                .putObject("Refused")
                .put("description", "Refused; nothing was changed")
                .putObject("content")
                .putObject("application/json")
                .putObject("schema")
                .put("$ref", "#/components/schemas/Refusal");
    }
}
