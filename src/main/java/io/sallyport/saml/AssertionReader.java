package io.sallyport.saml;

import static io.sallyport.saml.SamlNames.ASSERTION;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/**
 * Reads an assertion whose signature was verified, and compares it with what the login expects (SAML Profiles §4.1.4.3;
 * SA-08, SA-09).
 */
final class AssertionReader {
    /** How far the provider's clock may be off. */
    static final Duration LEEWAY = Duration.ofSeconds(60);

    private static final Set<String> KNOWN_CONDITIONS = Set.of("AudienceRestriction", "OneTimeUse", "ProxyRestriction");

    private final Element assertion;
    private final ResponseVerifier.Expected expected;
    private final Instant now;

    AssertionReader(Element assertion, ResponseVerifier.Expected expected, Instant now) {
        this.assertion = assertion;
        this.expected = expected;
        this.now = now;
    }

    Assertion read() throws SamlRefused {
        requireIssuer(Elements.only(assertion, ASSERTION, "Issuer", SamlProblem.ISSUER), expected.issuer());
        String id = Elements.attribute(assertion, "ID");
        if (id == null || id.isEmpty() || !"2.0".equals(Elements.attribute(assertion, "Version"))) {
            throw new SamlRefused(SamlProblem.STRUCTURE, "an assertion without ID or of another version");
        }
        requireNotAhead(Elements.attribute(assertion, "IssueInstant"), now);
        Element subject = Elements.only(assertion, ASSERTION, "Subject", SamlProblem.SUBJECT);
        Instant confirmedUntil = confirmation(subject);
        Instant conditionsUntil = conditions();
        requireLogin();
        Optional<Element> name = Elements.child(subject, ASSERTION, "NameID", SamlProblem.SUBJECT);
        String nameId = name.isEmpty() ? null : Elements.text(name.get(), SamlProblem.SUBJECT);
        return new Assertion(
                id,
                confirmedUntil.isBefore(conditionsUntil) ? confirmedUntil : conditionsUntil,
                nameId == null || nameId.isEmpty() ? null : nameId,
                name.isEmpty() ? null : Elements.attribute(name.get(), "Format"),
                attributes());
    }

    /** An Issuer is an entity id, whole and to the letter. */
    static void requireIssuer(Element issuer, String expected) throws SamlRefused {
        String format = Elements.attribute(issuer, "Format");
        if ((format != null && !format.equals(SamlNames.ENTITY_FORMAT))
                || !expected.equals(Elements.text(issuer, SamlProblem.ISSUER))) {
            throw new SamlRefused(SamlProblem.ISSUER, "another issuer");
        }
    }

    static void requireNotAhead(@Nullable String issueInstant, Instant now) throws SamlRefused {
        if (issueInstant == null || instant(issueInstant).isAfter(now.plus(LEEWAY))) {
            throw new SamlRefused(SamlProblem.NOT_YET_VALID, "issued in the future");
        }
    }

    /** One bearer confirmation that fits is enough; the last problem says why none did. */
    private Instant confirmation(Element subject) throws SamlRefused {
        SamlRefused why = new SamlRefused(SamlProblem.RECIPIENT, "no bearer confirmation");
        for (Element confirmation : Elements.children(subject, ASSERTION, "SubjectConfirmation")) {
            if (!SamlNames.BEARER.equals(Elements.attribute(confirmation, "Method"))) {
                continue;
            }
            try {
                return bearer(Elements.only(confirmation, ASSERTION, "SubjectConfirmationData", SamlProblem.RECIPIENT));
            } catch (SamlRefused refused) {
                why = refused;
            }
        }
        throw why;
    }

    private Instant bearer(Element data) throws SamlRefused {
        if (!expected.callback().equals(Elements.attribute(data, "Recipient"))) {
            throw new SamlRefused(SamlProblem.RECIPIENT, "another recipient");
        }
        ResponseVerifier.requireAnswer(Elements.attribute(data, "InResponseTo"), expected.inResponseTo());
        String end = Elements.attribute(data, "NotOnOrAfter");
        if (end == null) {
            throw new SamlRefused(SamlProblem.EXPIRED, "a confirmation without end");
        }
        return within(Elements.attribute(data, "NotBefore"), end);
    }

    private Instant conditions() throws SamlRefused {
        Element conditions = Elements.only(assertion, ASSERTION, "Conditions", SamlProblem.AUDIENCE);
        boolean restricted = false;
        for (Element condition : Elements.children(conditions)) {
            if (!ASSERTION.equals(condition.getNamespaceURI())
                    || !KNOWN_CONDITIONS.contains(condition.getLocalName())) {
                throw new SamlRefused(SamlProblem.AUDIENCE, "a condition nobody here knows");
            }
            if (condition.getLocalName().equals("AudienceRestriction")) {
                restricted = true;
                requireAudience(condition);
            }
        }
        if (!restricted) {
            throw new SamlRefused(SamlProblem.AUDIENCE, "for no audience");
        }
        String end = Elements.attribute(conditions, "NotOnOrAfter");
        Instant latest = now.plus(Duration.ofHours(1));
        return within(Elements.attribute(conditions, "NotBefore"), end == null ? latest.toString() : end);
    }

    private void requireAudience(Element restriction) throws SamlRefused {
        for (Element audience : Elements.children(restriction, ASSERTION, "Audience")) {
            if (expected.callback().equals(Elements.text(audience, SamlProblem.AUDIENCE))) {
                return;
            }
        }
        throw new SamlRefused(SamlProblem.AUDIENCE, "for another audience");
    }

    /** Checks that the subject was authenticated and that session has not ended. */
    private void requireLogin() throws SamlRefused {
        List<Element> logins = Elements.children(assertion, ASSERTION, "AuthnStatement");
        if (logins.isEmpty()) {
            throw new SamlRefused(SamlProblem.SUBJECT, "nobody signed in");
        }
        for (Element login : logins) {
            String end = Elements.attribute(login, "SessionNotOnOrAfter");
            if (end != null) {
                within(null, end);
            }
        }
    }

    private Instant within(@Nullable String notBefore, String notOnOrAfter) throws SamlRefused {
        if (notBefore != null && instant(notBefore).isAfter(now.plus(LEEWAY))) {
            throw new SamlRefused(SamlProblem.NOT_YET_VALID, "not before " + notBefore);
        }
        Instant end = instant(notOnOrAfter).plus(LEEWAY);
        if (!now.isBefore(end)) {
            throw new SamlRefused(SamlProblem.EXPIRED, "not after " + notOnOrAfter);
        }
        return end;
    }

    private static Instant instant(String text) throws SamlRefused {
        try {
            return OffsetDateTime.parse(text.strip()).toInstant();
        } catch (DateTimeParseException e) {
            throw new SamlRefused(SamlProblem.MALFORMED, "not a time in UTC");
        }
    }

    private Map<String, List<String>> attributes() throws SamlRefused {
        Map<String, List<String>> attributes = new LinkedHashMap<>();
        for (Element statement : Elements.children(assertion, ASSERTION, "AttributeStatement")) {
            for (Element attribute : Elements.children(statement, ASSERTION, "Attribute")) {
                String name = Elements.attribute(attribute, "Name");
                if (name == null || name.isBlank()) {
                    throw new SamlRefused(SamlProblem.SUBJECT, "an attribute without name");
                }
                attributes.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(values(attribute));
            }
        }
        attributes.replaceAll((name, values) -> List.copyOf(values));
        return attributes;
    }

    /** Values that are structures, such as targeted ids, are not values anybody here could compare. */
    private static List<String> values(Element attribute) throws SamlRefused {
        List<String> values = new ArrayList<>();
        for (Element value : Elements.children(attribute, ASSERTION, "AttributeValue")) {
            String text = Elements.children(value).isEmpty() ? Elements.text(value, SamlProblem.SUBJECT) : "";
            if (!text.isEmpty()) {
                values.add(text);
            }
        }
        return values;
    }
}
