package io.sallyport.snapshot;

/**
 * Why a stored object cannot be compiled. It makes a write fail; found later, only that object is closed.
 *
 * @param kind {@code application}, {@code policy}, {@code group}, {@code identity_provider}, {@code origin}, {@code
 *     list} or {@code organization}
 * @param id the object's id as the API spells it
 * @param pointer the field, as a JSON pointer into the object; empty when it is the object as a whole
 * @param message what is wrong, in a sentence for the admin
 */
public record ConfigProblem(String kind, String id, String pointer, String message) {
    @Override
    public String toString() {
        return kind + " " + id + pointer + ": " + message;
    }
}
