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

/** An authority whose client certificates are accepted on some hosts. */
@Entity
@Table(name = "certificates")
public class CertificateRow extends Row {
    private String name;

    @Column(updatable = false)
    private String pem;

    @Column(updatable = false)
    private String fingerprint;

    @Column(updatable = false)
    private Instant expiresOn;

    private String revocation;
    private @Nullable String crl;

    @Convert(converter = JsonColumn.class)
    @ColumnTransformer(write = "cast(? as jsonb)")
    private JsonNode body;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected CertificateRow() {}

    /**
     * A new authority.
     *
     * @param fingerprint hex SHA-256 of its DER
     */
    public CertificateRow(
            UUID id, String name, String pem, String fingerprint, Instant expiresOn, JsonNode body, Instant now) {
        super(id, now);
        this.name = name;
        this.pem = pem;
        this.fingerprint = fingerprint;
        this.expiresOn = expiresOn;
        this.revocation = "named";
        this.body = JsonColumn.asStored(body);
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** The certificate itself. */
    public String pem() {
        return pem;
    }

    /** Hex SHA-256 of its DER. */
    public String fingerprint() {
        return fingerprint;
    }

    /** End of its validity. */
    public Instant expiresOn() {
        return expiresOn;
    }

    /** How strictly revocation of its certificates is checked, in the API's words. */
    public String revocation() {
        return revocation;
    }

    /** The revocation list an admin uploaded, in PEM; null when there is none. */
    public @Nullable String crl() {
        return crl;
    }

    /** Replaces the revocation setting and the list. */
    public void prove(String revocation, @Nullable String crl) {
        this.revocation = revocation;
        this.crl = crl;
    }

    /** {@code associated_hostnames} and whatever else was sent. */
    public JsonNode body() {
        return body;
    }

    /** Replaces everything an admin may change. */
    public void change(String name, JsonNode body, Instant now) {
        this.name = name;
        this.body = JsonColumn.asStored(body);
        touch(now);
    }
}
