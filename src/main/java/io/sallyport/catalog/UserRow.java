package io.sallyport.catalog;

import jakarta.persistence.Entity;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.jspecify.annotations.Nullable;

/** A person who has signed in, or whom an admin entered. The id is the {@code sub} of tokens. */
@Entity
@Table(name = "users")
@DynamicUpdate
public class UserRow extends Row {
    private String email;
    private @Nullable String name;
    private @Nullable Instant lastSuccessfulLogin;

    /** For Hibernate. */
    @SuppressWarnings("NullAway.Init")
    protected UserRow() {}

    /**
     * A new person.
     *
     * @param email lower case
     */
    public UserRow(UUID id, String email, @Nullable String name, Instant now) {
        super(id, now);
        this.email = email;
        this.name = name;
    }

    /** The address, lower case. */
    public String email() {
        return email;
    }

    /** As the provider or an admin wrote it. */
    public @Nullable String name() {
        return name;
    }

    /** When the person last signed in. */
    public @Nullable Instant lastSuccessfulLogin() {
        return lastSuccessfulLogin;
    }

    /** Replaces what an admin may change. */
    public void change(String email, @Nullable String name, Instant now) {
        this.email = email;
        this.name = name;
        touch(now);
    }
}
