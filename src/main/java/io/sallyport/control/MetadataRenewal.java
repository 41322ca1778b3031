package io.sallyport.control;

import io.sallyport.audit.AuditTrail;
import io.sallyport.catalog.IdentityProviderRow;
import io.sallyport.control.MetadataReadings.Reading;
import io.sallyport.saml.ProviderMetadata;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Re-reads the metadata of SAML providers, so that changes of a provider's certificates are picked up automatically.
 * The document must be one that an admin could import, and of the same provider; otherwise nothing is changed and the
 * reason is logged. One replica does it at a time; a change is a write like an admin's.
 */
final class MetadataRenewal {
    private static final Logger LOG = LoggerFactory.getLogger(MetadataRenewal.class);
    private static final AuditTrail.Actor ACTOR = new AuditTrail.Actor("the provider's metadata", null, null);
    private static final int LONGEST_PROBLEM = 300;

    private final Transactions transactions;
    private final StoredProviders providers;
    private final IdentityProviderViews views;
    private final SamlImport samlImport;
    private final MetadataReadings readings;
    private final AdminAudit audit;

    MetadataRenewal(
            Transactions transactions,
            StoredProviders providers,
            IdentityProviderViews views,
            SamlImport samlImport,
            MetadataReadings readings,
            AdminAudit audit) {
        this.transactions = transactions;
        this.providers = providers;
        this.views = views;
        this.samlImport = samlImport;
        this.readings = readings;
        this.audit = audit;
    }

    /** The entry was changed while its metadata was read; not an error of the provider. */
    private static final class Overtaken extends RuntimeException {}

    /** Reads the metadata that is due. */
    @Scheduled(initialDelayString = "10s", fixedDelayString = "5s")
    void readDue() {
        try {
            Optional<UUID> due = readings.takeDue();
            while (due.isPresent()) {
                readUnlessBusy(due.get());
                due = readings.takeDue();
            }
        } catch (DataAccessException | TransactionException gone) {
            LOG.warn("SAML metadata waits for the database: {}", gone.getMessage());
        }
    }

    private void readUnlessBusy(UUID id) {
        try {
            read(id);
        } catch (ApiProblem busy) {
            LOG.info("The metadata of provider {} is read again in a minute: {}", id, busy.getMessage());
        }
    }

    /**
     * Reads one provider's metadata now, at an admin's request, and returns the result. Ends with 503 when another change of the
     * configuration takes too long.
     */
    ObjectNode readNow(UUID id) {
        requireAddress(id);
        readings.take(id);
        read(id);
        return show(id);
    }

    /** The time and result of the last reading. */
    ObjectNode show(UUID id) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode().put("url", requireAddress(id));
        Optional<Reading> known = readings.find(id);
        shown.set("read_at", ApiTimes.node(known.map(Reading::read).orElse(null)));
        shown.set("changed_at", ApiTimes.node(known.map(Reading::changed).orElse(null)));
        shown.set("tried_at", ApiTimes.node(known.map(Reading::tried).orElse(null)));
        shown.set("next_at", ApiTimes.node(known.map(Reading::next).orElse(null)));
        shown.set("valid_until", ApiTimes.node(known.map(Reading::validUntil).orElse(null)));
        return shown.put("problem", known.map(Reading::problem).orElse(null));
    }

    private String requireAddress(UUID id) {
        String url = transactions.read(() -> address(providers.find(id)));
        if (url.isEmpty()) {
            throw ApiProblem.notFound("the provider has no metadata_url");
        }
        return url;
    }

    private static String address(IdentityProviderRow row) {
        return row.body().path("config").path("metadata_url").asString("");
    }

    /**
     * Reads, applies and records. That somebody else holds the configuration says nothing about the provider: it is not recorded, and
     * with the end of the reservation, in a minute, the metadata is due again.
     *
     * @throws ApiProblem which passes
     */
    private void read(UUID id) {
        String url = "";
        try {
            url = requireAddress(id);
            ProviderMetadata metadata = samlImport.read(URI.create(url));
            boolean changed = apply(id, url, metadata);
            readings.read(id, metadata, changed);
            if (changed) {
                LOG.info("The metadata at {} has changed provider {}", url, id);
            }
        } catch (IOException | IllegalArgumentException | ApiProblem unusable) {
            if (unusable instanceof ApiProblem busy && busy.isPassing()) {
                throw busy;
            }
            String problem = words(unusable);
            readings.failed(id, problem);
            LOG.warn("The metadata of provider {} at {} could not be used: {}", id, url, problem);
        } catch (Overtaken _) {
            LOG.debug("Provider {} was changed while its metadata was read", id);
        }
    }

    /** The failure on one line, printable and shortened, because parts of it come from outside. */
    private static String words(Exception unusable) {
        String text = String.valueOf(unusable.getMessage())
                .replaceFirst("^access\\.api\\.error\\.[a-z_]+: ", "")
                .replaceAll("\\p{C}+", " ")
                .strip();
        return text.length() <= LONGEST_PROBLEM ? text : text.substring(0, LONGEST_PROBLEM) + "…";
    }

    /** Applies the metadata; returns whether the entry was changed. */
    private boolean apply(UUID id, String url, ProviderMetadata metadata) {
        boolean differs = transactions.read(() -> {
            IdentityProviderRow row = providers.find(id);
            return !draft(row, metadata).body().path("config").equals(row.body().path("config"));
        });
        if (differs) {
            transactions.write(() -> {
                IdentityProviderRow row = providers.find(id);
                if (!address(row).equals(url)) {
                    throw new Overtaken();
                }
                ObjectNode before = views.of(row);
                providers.change(row, draft(row, metadata));
                ObjectNode after = views.of(row);
                audit.record(ACTOR, "replace", IdentityProviderChanges.KIND, id.toString(), before, after);
                return after;
            });
        }
        return differs;
    }

    /** The changed entry, validated like an admin's. */
    private IdentityProviderDraft draft(IdentityProviderRow row, ProviderMetadata metadata) {
        ObjectNode view = views.of(row);
        String issuer = view.path("config").path("issuer_url").asString("");
        if (!issuer.equals(metadata.entityId())) {
            throw new IllegalArgumentException(
                    "it is that of " + metadata.entityId() + ", and this entry is for " + issuer);
        }
        SamlImport.put(view.withObject("config"), metadata);
        return IdentityProviderDraft.read(Fields.of(view));
    }
}
