package io.sallyport.control;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * A request the API refuses, with the status, code and text that clients of Cloudflare's API know. The message is for the
 * admin: it names the field and never repeats a secret.
 */
final class ApiProblem extends RuntimeException {
    private static final int INVALID_REQUEST = 12130;

    /** The code of what is wrong with a request about tunnels. */
    static final int TUNNEL = 1003;

    /** The code of what is wrong with a DNS record. */
    static final int DNS_RECORD = 1004;

    private final HttpStatus status;
    private final int code;
    private final @Nullable String pointer;

    private ApiProblem(HttpStatus status, int code, String message, @Nullable String pointer) {
        super(message);
        this.status = status;
        this.code = code;
        this.pointer = pointer;
    }

    /** A body or field that does not validate: 400/12130. */
    static ApiProblem invalid(String pointer, String detail) {
        String where = pointer.isEmpty() ? "" : pointer + " ";
        return new ApiProblem(
                HttpStatus.BAD_REQUEST,
                INVALID_REQUEST,
                "access.api.error.invalid_request: " + where + detail,
                pointer.isEmpty() ? null : pointer);
    }

    /** A query parameter that does not validate: 400/12130. It has no JSON pointer; the message names it. */
    static ApiProblem invalidParameter(String name, String detail) {
        return new ApiProblem(
                HttpStatus.BAD_REQUEST,
                INVALID_REQUEST,
                "access.api.error.invalid_request: query parameter " + name + " " + detail,
                null);
    }

    /** Two policies of one application with one precedence: 400/11018. */
    static ApiProblem invalidPrecedence(String pointer, String detail) {
        return new ApiProblem(
                HttpStatus.BAD_REQUEST,
                11018,
                "access.api.error.invalid_policy_precedence: " + pointer + " " + detail,
                pointer);
    }

    /** A rule that names a group which does not exist: 400/11020. */
    static ApiProblem unknownGroup(String pointer) {
        return new ApiProblem(
                HttpStatus.BAD_REQUEST,
                11020,
                "access.api.error.failed_to_load_group: " + pointer + " names no group",
                pointer);
    }

    /** An application id that is neither a UUID nor an audience tag: 400/12045. */
    static ApiProblem malformedApplicationId() {
        return new ApiProblem(
                HttpStatus.BAD_REQUEST,
                12045,
                "access.api.error.invalid_application_id: the id in the path must be a UUID, or an audience tag of 64"
                        + " hexadecimal digits",
                null);
    }

    /** Nothing by that id: 404/12135. */
    static ApiProblem notFound() {
        return notFound("nothing of this kind has the id in the path");
    }

    /** Not there, and what is not: 404/12135. */
    static ApiProblem notFound(String detail) {
        return new ApiProblem(HttpStatus.NOT_FOUND, 12135, "access.api.error.not_found: " + detail, null);
    }

    /** No such path, or not for this account: 404/7003. */
    static ApiProblem noRoute() {
        return new ApiProblem(HttpStatus.NOT_FOUND, 7003, "could not route to this path", null);
    }

    /** The same, to those who look for routes of private networks. */
    static ApiProblem noPrivateNetworks() {
        return new ApiProblem(
                HttpStatus.NOT_FOUND,
                7003,
                "private networks are not offered; publish a hostname with a tcp:// service and reach it by access tcp",
                null);
    }

    /** A host and path another application has: 409/11010. */
    static ApiProblem applicationExists(String detail) {
        return new ApiProblem(
                HttpStatus.CONFLICT, 11010, "access.api.error.application_already_exists: " + detail, null);
    }

    /** A lasting conflict with what is stored, such as deleting what is referenced: 409/12130. */
    static ApiProblem conflict(String detail) {
        return new ApiProblem(HttpStatus.CONFLICT, INVALID_REQUEST, "access.api.error.conflict: " + detail, null);
    }

    /** What is wrong with a request about tunnels: 400/1003. */
    static ApiProblem tunnel(String message) {
        return new ApiProblem(HttpStatus.BAD_REQUEST, TUNNEL, message, null);
    }

    /** The tunnel port's certificate was configured and is not from our authority: 404/1003. */
    static ApiProblem noTunnelAuthority() {
        return new ApiProblem(
                HttpStatus.NOT_FOUND,
                TUNNEL,
                "the certificate of the tunnel port is the one that sallyport.tunnel.certificate names, so connectors trust"
                        + " whoever issued that",
                null);
    }

    /** No such tunnel: 404/1003. */
    static ApiProblem noSuchTunnel() {
        return new ApiProblem(HttpStatus.NOT_FOUND, TUNNEL, "tunnel not found", null);
    }

    /** An existing tunnel has this name: 409/1013. */
    static ApiProblem tunnelExists(String name) {
        return new ApiProblem(HttpStatus.CONFLICT, 1013, "/name a tunnel named " + name + " exists already", "/name");
    }

    /** A DNS record that does not validate, or that another excludes: 400 with the code clients know. */
    static ApiProblem dnsRecord(int code, String message) {
        return new ApiProblem(HttpStatus.BAD_REQUEST, code, message, null);
    }

    /** No such DNS record: 404/81044. */
    static ApiProblem noSuchRecord() {
        return new ApiProblem(HttpStatus.NOT_FOUND, 81044, "DNS record not found", null);
    }

    /**
     * Runs the work; its validation errors get this code, by which clients recognise the subject, instead of 12130.
     */
    static <T> T about(int code, Supplier<T> work) {
        try {
            return work.get();
        } catch (ApiProblem problem) {
            if (problem.status != HttpStatus.BAD_REQUEST || problem.code != INVALID_REQUEST) {
                throw problem;
            }
            String message =
                    String.valueOf(problem.getMessage()).replaceFirst("^access\\.api\\.error\\.invalid_request: ", "");
            throw new ApiProblem(problem.status, code, message, problem.pointer);
        }
    }

    /** {@code If-Match} named another state than the stored one: 412 (AD-07). */
    static ApiProblem preconditionFailed() {
        return new ApiProblem(
                HttpStatus.PRECONDITION_FAILED,
                INVALID_REQUEST,
                "access.api.error.precondition_failed: the object has changed; read it again",
                null);
    }

    /** More than {@link StrictJson#MAX_BYTES}: 413. */
    static ApiProblem tooLarge() {
        return tooLarge(StrictJson.MAX_BYTES);
    }

    /** More bytes than a body may have: 413. */
    static ApiProblem tooLarge(int longest) {
        return new ApiProblem(
                HttpStatus.CONTENT_TOO_LARGE,
                INVALID_REQUEST,
                "access.api.error.invalid_request: the body is larger than " + (longest >> 20) + " MiB",
                null);
    }

    /** More bytes than a plan may have that comes from a token which may not write the configuration: 413. */
    static ApiProblem tooLargeForReaders(int longest) {
        return new ApiProblem(
                HttpStatus.CONTENT_TOO_LARGE,
                INVALID_REQUEST,
                "access.api.error.invalid_request: the body is larger than " + (longest >> 20)
                        + " MiB, the most for a token that may not write the configuration",
                null);
    }

    /** A plan that took longer than it may for a token which may not write the configuration: 413. */
    static ApiProblem planTooLong(Duration longest) {
        return new ApiProblem(
                HttpStatus.CONTENT_TOO_LARGE,
                INVALID_REQUEST,
                "access.api.error.invalid_request: the plan takes longer than " + longest.toSeconds()
                        + " seconds, the most for a token that may not write the configuration; plan fewer changes at a time",
                null);
    }

    /** A plan of a token which may not write the configuration made way for others: 429. */
    static ApiProblem planMadeWay(Duration share) {
        return new ApiProblem(
                HttpStatus.TOO_MANY_REQUESTS,
                10429,
                "Others wait for their plans, and yours was given up after " + share.toSeconds()
                        + " seconds, since your token may not write the configuration; plan fewer changes at a time, or later",
                null);
    }

    /** An earlier plan or replay of the same token is not done yet: 429. */
    static ApiProblem onePlanAtATime() {
        return new ApiProblem(
                HttpStatus.TOO_MANY_REQUESTS,
                10429,
                "An earlier plan or replay of your token is still being worked out, and a token gets one at a time",
                null);
    }

    /** The body is shorter than its Content-Length: 400/10411; nothing was changed. */
    static ApiProblem bodyLost(long announced, int came) {
        return new ApiProblem(
                HttpStatus.BAD_REQUEST,
                10411,
                "The body was lost: Content-Length says " + announced + " bytes, " + came
                        + " came; nothing was changed",
                null);
    }

    /** The request has no token, or several: 401/10000. */
    static ApiProblem withoutToken() {
        return new ApiProblem(
                HttpStatus.UNAUTHORIZED,
                10000,
                "Authentication error: send Authorization: Bearer TOKEN, once, or X-Auth-Email and X-Auth-Key with the"
                        + " token as key",
                null);
    }

    /** The token is invalid: 401/10000. The answer does not say which check failed. */
    static ApiProblem unauthenticated() {
        return new ApiProblem(
                HttpStatus.UNAUTHORIZED, 10000, "Authentication error: the token is not a valid one", null);
    }

    /** The source has sent too many wrong tokens, so its tokens are not looked up for a while: 429. */
    static ApiProblem tooManyWrongTokens() {
        return new ApiProblem(
                HttpStatus.TOO_MANY_REQUESTS,
                10429,
                "Too many wrong tokens came from your network; wait a minute",
                null);
    }

    /** A valid token that may read this kind of resource and not write it: 403/10000. */
    static ApiProblem mayOnlyRead(ResourceKind kind) {
        return new ApiProblem(
                HttpStatus.FORBIDDEN,
                10000,
                "Authentication error: this token may read " + kind.word() + " and not write them",
                null);
    }

    /** The path belongs to no kind of resource and needs a token with all permissions: 403/10000. */
    static ApiProblem forOwnersOnly() {
        return new ApiProblem(
                HttpStatus.FORBIDDEN,
                10000,
                "Authentication error: this takes a token with the role owner and without scopes",
                null);
    }

    /** A token that would hand out, change or end more than it has itself: 403/10001. */
    static ApiProblem beyondOwnPermissions() {
        return new ApiProblem(HttpStatus.FORBIDDEN, 10001, "Not allowed: the other token may do more than yours", null);
    }

    /** A token that would hand out a longer life than its own: 403/10001. */
    static ApiProblem beyondOwnLife(Instant end) {
        return new ApiProblem(
                HttpStatus.FORBIDDEN,
                10001,
                "Not allowed: your own token ends at " + ApiTimes.text(end) + ", and the other would not end by then",
                null);
    }

    /** The database does not answer; nothing was written: 503. */
    static ApiProblem unavailable() {
        return new ApiProblem(
                HttpStatus.SERVICE_UNAVAILABLE, 10503, "The database does not answer; nothing was changed", null);
    }

    /** The database has no room; nothing was written: 503. */
    static ApiProblem diskFull() {
        return new ApiProblem(
                HttpStatus.SERVICE_UNAVAILABLE,
                10503,
                "The database has no room left on its disk; nothing was changed",
                null);
    }

    /** The database went away while a change was being made, perhaps after it was made: 503. */
    static ApiProblem unanswered() {
        return new ApiProblem(
                HttpStatus.SERVICE_UNAVAILABLE,
                10503,
                "The database does not answer any more; look whether the change was made before you try again",
                null);
    }

    /** Another change is running; nothing was written and the client should retry: 503. */
    static ApiProblem busy(String detail) {
        return new ApiProblem(
                HttpStatus.SERVICE_UNAVAILABLE, 10503, detail + "; nothing was changed, try again in a moment", null);
    }

    /** The framework refused the request before our code ran. */
    static ApiProblem ofStatus(HttpStatus status, int code, String message) {
        return new ApiProblem(status, code, message, null);
    }

    /** The same problem for an object that is nested at this pointer of a larger body. */
    ApiProblem at(String place) {
        if (isPassing() || status == HttpStatus.TOO_MANY_REQUESTS || status == HttpStatus.CONTENT_TOO_LARGE) {
            return this; // says nothing about any object in the body
        }
        String message = String.valueOf(getMessage());
        int found = pointer == null ? -1 : message.indexOf(pointer);
        String placed =
                found < 0 ? place + ": " + message : message.substring(0, found) + place + message.substring(found);
        return new ApiProblem(status, code, placed, place + (pointer == null ? "" : pointer));
    }

    /** The field, or nothing. */
    String pointerOrEmpty() {
        return pointer == null ? "" : pointer;
    }

    /** Whether it may well work in a moment: the database was away, or somebody else was writing. */
    boolean isPassing() {
        return status == HttpStatus.SERVICE_UNAVAILABLE;
    }

    HttpStatus status() {
        return status;
    }

    int code() {
        return code;
    }

    /** The field, as a JSON pointer into the body. */
    @Nullable
    String pointer() {
        return pointer;
    }
}
