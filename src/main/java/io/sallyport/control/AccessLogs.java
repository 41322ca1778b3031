package io.sallyport.control;

import io.sallyport.audit.AuditEvent.Authentication;
import io.sallyport.audit.AuthEvents;
import io.sallyport.audit.AuthEvents.Comparison;
import io.sallyport.audit.AuthEvents.Condition;
import io.sallyport.audit.AuthEvents.Field;
import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.ApplicationRow;
import io.sallyport.identity.AppId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The authentication events as the API shows and filters them. */
final class AccessLogs {
    /** Filters that compare one field, by {@code eq} unless {@code …Op} says {@code neq}. */
    private static final Map<String, Field> EQUALITIES = Map.of(
            "allowed", Field.ALLOWED,
            "app_type", Field.APPLICATION_TYPE,
            "app_uid", Field.APPLICATION,
            "country_code", Field.COUNTRY,
            "idp", Field.IDENTITY_PROVIDER,
            "non_identity", Field.NON_IDENTITY,
            "ray_id", Field.RAY,
            "user_id", Field.USER);

    private final Transactions transactions;
    private final AuthEvents events;
    private final ApplicationRepository applications;

    AccessLogs(Transactions transactions, AuthEvents events, ApplicationRepository applications) {
        this.transactions = transactions;
        this.events = events;
        this.applications = applications;
    }

    /** The newest first, unless {@code direction} says {@code asc}. */
    List<ObjectNode> accessRequests(Query query) {
        List<Condition> conditions = new ArrayList<>();
        addEmail(query, conditions);
        EQUALITIES.forEach((name, field) -> query.text(name).ifPresent(value -> {
            boolean equal = query.oneOf(name + "Op", "eq", "eq", "neq").equals("eq");
            conditions.add(
                    new Condition(field, equal ? Comparison.IS : Comparison.IS_NOT, value(query, name, field, value)));
        }));
        boolean newestFirst = query.oneOf("direction", "desc", "asc", "desc").equals("desc");
        var filter = new AuthEvents.Filter(
                query.instant("since").orElse(null),
                query.instant("until").orElse(null),
                null,
                conditions,
                newestFirst);
        Paging paging = query.logPaging();
        Set<String> fields =
                query.text("fields").map(text -> Set.of(text.split(",", -1))).orElse(Set.of());
        return transactions.read(() -> {
            List<Authentication> found = events.find(filter, paging.perPage(), paging.offset());
            Map<UUID, ApplicationRow> known = applicationsOf(found);
            return found.stream()
                    .map(event -> view(event, known))
                    .map(view -> fields.isEmpty() ? view : view.retain(fields))
                    .toList();
        });
    }

    /** The applications these events are about, as far as they still exist, with one query. */
    Map<UUID, ApplicationRow> applicationsOf(List<Authentication> found) {
        List<UUID> ids = found.stream()
                .map(Authentication::application)
                .filter(Objects::nonNull)
                .map(AppId::value)
                .distinct()
                .toList();
        return applications.findAllById(ids).stream()
                .collect(Collectors.toMap(ApplicationRow::id, Function.identity()));
    }

    private static void addEmail(Query query, List<Condition> conditions) {
        query.text("email").ifPresent(text -> {
            String email = text.toLowerCase(Locale.ROOT);
            String fallback = query.flag("email_exact") ? "eq" : "contains";
            Comparison comparison = switch (query.oneOf("emailOp", fallback, "eq", "neq", "contains")) {
                case "eq" -> Comparison.IS;
                case "neq" -> Comparison.IS_NOT;
                default -> Comparison.CONTAINS;
            };
            conditions.add(new Condition(Field.EMAIL, comparison, email));
        });
    }

    private static Object value(Query query, String name, Field field, String text) {
        return switch (field) {
            case ALLOWED, NON_IDENTITY -> query.flag(name);
            case APPLICATION, IDENTITY_PROVIDER, USER ->
                Ids.parse(text).orElseThrow(() -> ApiProblem.invalidParameter(name, "must be a UUID"));
            case APPLICATION_TYPE, COUNTRY, EMAIL, RAY -> text;
        };
    }

    private static ObjectNode view(Authentication event, Map<UUID, ApplicationRow> applications) {
        AppId app = event.application();
        ApplicationRow known = app == null ? null : applications.get(app.value());
        return JsonNodeFactory.instance
                .objectNode()
                .put("action", event.action())
                .put("allowed", event.allowed())
                .put("app_domain", event.applicationDomain())
                .put("app_type", known == null ? null : known.type())
                .put("app_uid", app == null ? null : app.toString())
                .put("connection", connection(event))
                .put("country", event.country())
                .put("created_at", ApiTimes.text(event.at()))
                .put("ip_address", event.ip())
                .put("ray_id", event.ray())
                .put("reason", event.reason())
                .put("user_email", event.email())
                .put("user_id", event.user() == null ? null : event.user().toString());
    }

    private static @Nullable String connection(Authentication event) {
        if (event.connection() != null) {
            return event.connection().type();
        }
        return event.serviceToken() == null ? null : "service_token";
    }
}
