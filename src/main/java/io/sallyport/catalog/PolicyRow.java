package io.sallyport.catalog;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A policy, reusable or owned by one application. Its precedence lives on the link, see {@link PolicyLinks}. */
@Entity
@Table(name = "policies")
public class PolicyRow extends Row {
    private String name;
    private String decision;
    private boolean reusable;
    private @Nullable UUID appId;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected PolicyRow() {}

    /**
     * A new policy.
     *
     * @param owner the application it belongs to, null for a reusable policy
     */
    public PolicyRow(UUID id, @Nullable UUID owner, String name, String decision, JsonNode body, Instant now) {
        super(id, now);
        this.appId = owner;
        this.reusable = owner == null;
        this.name = name;
        this.decision = decision;
        this.body = JsonColumn.asStored(body);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** {@code allow}, {@code deny}, {@code non_identity} or {@code bypass}. */
    public String decision() {
        return decision;
    }

    /** Whether any application may attach it. */
    public boolean reusable() {
        return reusable;
    }

    /** The owning application, null when reusable. */
    public @Nullable UUID appId() {
        return appId;
    }

    /** {@code include}, {@code exclude}, {@code require}, {@code session_duration} and whatever else was sent. */
    public JsonNode body() {
        return body;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, String decision, JsonNode body, Instant now) {
        this.name = name;
        this.decision = decision;
        this.body = JsonColumn.asStored(body);
        touch(now);
    }

    /** Turns an application's policy into one that any application may attach. */
    public void makeReusable(Instant now) {
        reusable = true;
        appId = null;
        touch(now);
    }
}
