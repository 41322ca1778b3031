package io.sallyport.control;

import io.sallyport.catalog.ApplicationRepository;
import io.sallyport.catalog.ApplicationRow;
import io.sallyport.catalog.Destinations;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.springframework.data.jpa.domain.Specification;

/** Applications as they are stored, each with the places on hosts that it holds. */
final class StoredApplications {
    private static final Pattern AUDIENCE = Pattern.compile("[0-9a-f]{64}");

    private final ApplicationRepository rows;
    private final Destinations destinations;

    StoredApplications(ApplicationRepository rows, Destinations destinations) {
        this.rows = rows;
        this.destinations = destinations;
    }

    /**
     * The application by its id, or by its audience tag, which some tools pass instead.
     *
     * @throws ApiProblem when there is none, or the text is neither
     */
    ApplicationRow find(String idOrAudience) {
        if (AUDIENCE.matcher(idOrAudience).matches()) {
            return rows.findByAud(idOrAudience).orElseThrow(ApiProblem::notFound);
        }
        UUID id = Ids.parse(idOrAudience).orElseThrow(ApiProblem::malformedApplicationId);
        return rows.findById(id).orElseThrow(ApiProblem::notFound);
    }

    Paged<ApplicationRow> page(Specification<ApplicationRow> filter, Paging paging) {
        return Filters.page(rows, filter, paging);
    }

    /** In the order of their age. */
    List<ApplicationRow> all(Specification<ApplicationRow> filter) {
        return rows.findAll(filter, Filters.BY_AGE);
    }

    /**
     * Stores a new one with the places it asks for.
     *
     * @throws ApiProblem when another application holds one of them
     */
    void add(ApplicationRow row, List<String> patterns) {
        rows.save(row);
        claim(() -> destinations.claimFirst(row.id(), patterns));
    }

    /**
     * Stores a changed one, whose places from now on are these.
     *
     * @throws ApiProblem when another application holds one of them
     */
    void change(ApplicationRow row, List<String> patterns) {
        rows.save(row);
        claim(() -> destinations.claim(row.id(), patterns));
    }

    /** Refuses an id that an application has. */
    void requireFree(UUID id) {
        if (rows.existsById(id)) {
            throw ApiProblem.conflict("an application has the id in the path already");
        }
    }

    /** Takes the application's own policies with it. */
    void delete(ApplicationRow row) {
        rows.delete(row);
    }

    /** Gives up the application's places, within a larger write that goes on to give it others. */
    void releasePlaces(UUID id) {
        destinations.claim(id, List.of());
    }

    private static void claim(Runnable claim) {
        try {
            claim.run();
        } catch (Destinations.Taken taken) {
            throw ApiProblem.applicationExists(taken.pattern());
        }
    }
}
