package io.sallyport.control;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.lang.reflect.Method;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says which kind of resource a controller, or one of its handlers, concerns. {@link ApiArguments} gives no {@link AdminCall} to a
 * handler its token may not use; one that says nothing is for owners without scopes only.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@interface Concerns {
    /** The kind. */
    ResourceKind value();

    /**
     * The level of access needed, where the HTTP method does not tell it: a POST that only reads, a GET that reveals a
     * secret.
     */
    Access[] needs() default {};

    /** Other kinds that the token must be able to read, because the answer contains parts of them. */
    ResourceKind[] also() default {};

    /** The permission that a handler needs. */
    record Need(ResourceKind kind, Access access, List<ResourceKind> also) {
        /** A need of one kind alone. */
        Need(ResourceKind kind, Access access) {
            this(kind, access, List.of());
        }

        /** The need of a handler; its own annotation wins over its controller's. Null when neither says anything. */
        static @Nullable Need of(Method handler, String httpMethod) {
            Concerns own = handler.getAnnotation(Concerns.class);
            Concerns concerns = own == null ? handler.getDeclaringClass().getAnnotation(Concerns.class) : own;
            if (concerns == null) {
                return null;
            }
            return new Need(
                    concerns.value(),
                    concerns.needs().length == 0 ? Access.neededFor(httpMethod) : concerns.needs()[0],
                    List.of(concerns.also()));
        }
    }
}
