package io.sallyport.catalog;

import jakarta.persistence.Convert;
import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.ColumnTransformer;
import tools.jackson.databind.JsonNode;

/** A page an admin wrote. */
@Entity
@Table(name = "custom_pages")
public class CustomPageRow extends Row {
    private String name;
    private String type;
    private String html;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected CustomPageRow() {}

    /** A new page. */
    public CustomPageRow(UUID id, String name, String type, String html, JsonNode body, Instant now) {
        super(id, now);
        this.name = name;
        this.type = type;
        this.html = html;
        this.body = JsonColumn.asStored(body);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Where it would stand: {@code forbidden}, {@code identity_denied}, {@code login}. */
    public String type() {
        return type;
    }

    /** The HTML as it was sent. */
    public String html() {
        return html;
    }

    /** Whatever else was sent. */
    public JsonNode body() {
        return body;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, String type, String html, JsonNode body, Instant now) {
        this.name = name;
        this.type = type;
        this.html = html;
        this.body = JsonColumn.asStored(body);
        touch(now);
    }
}
