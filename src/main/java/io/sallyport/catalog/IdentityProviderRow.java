package io.sallyport.catalog;

import jakarta.persistence.Column;
import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An identity provider. The body holds {@code config} and {@code scim_config} without their secret members; those are one JSON
 * object, enveloped under the record name of {@link #secretRecord()}.
 */
@Entity
@Table(name = "identity_providers")
public class IdentityProviderRow extends Row {
    private String name;

    @Column(updatable = false)
    private String type;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    private byte @Nullable [] secret;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected IdentityProviderRow() {}

    /** A new provider. */
    public IdentityProviderRow(
            UUID id, String name, String type, JsonNode body, byte @Nullable [] secret, Instant now) {
        super(id, now);
        this.name = name;
        this.type = type;
        this.body = JsonColumn.asStored(body);
        this.secret = secret;
    }

    /** What people see on the login page. */
    public String name() {
        return name;
    }

    /** {@code oidc}, {@code onetimepin}, … */
    public String type() {
        return type;
    }

    /** {@code {"config": {…}, "scim_config": {…}}} without secrets. */
    public JsonNode body() {
        return body;
    }

    /** The enveloped JSON object of secret config members, null when there are none. */
    public byte @Nullable [] secret() {
        return secret;
    }

    /** The name under which {@code KeyWrapper} knows this provider's secrets. */
    public String secretRecord() {
        return secretRecord(id());
    }

    /** The name under which {@code KeyWrapper} knows a provider's secrets. */
    public static String secretRecord(UUID id) {
        return "idp/" + id + "/config";
    }

    /** Replaces everything an admin may change. */
    public void change(String name, JsonNode body, byte @Nullable [] secret, Instant now) {
        this.name = name;
        this.body = JsonColumn.asStored(body);
        this.secret = secret;
        touch(now);
    }
}
