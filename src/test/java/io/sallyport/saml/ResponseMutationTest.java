package io.sallyport.saml;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.saml.ResponseVerifier.Expected;
import io.sallyport.saml.ResponseVerifier.Result;
import io.sallyport.testkit.SamlIdp;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Thousands of good responses bent at random, in their octets and in their trees: whatever is still accepted says exactly what the
 * provider signed (SA-01, SA-04). The seed is in every failure.
 */
class ResponseMutationTest {
    private static final String CALLBACK = "https://team.example.com/cdn-cgi/access/callback";
    private static final Instant NOW = Instant.parse("2026-11-27T10:00:00Z");
    private static final int BENDS = 700;
    private static final SamlIdp IDP = SamlIdp.rsa();
    private static final Expected EXPECTED =
            new Expected(SamlIdp.ISSUER, List.of(IDP.certificate()), CALLBACK, "_request", List.of());

    /** What is signed. */
    enum Signed {
        ASSERTION,
        RESPONSE,
        BOTH
    }

    @ParameterizedTest
    @EnumSource(Signed.class)
    void bentOctetsNeverSayAnythingElse(Signed signed) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good = xml(signed).getBytes(StandardCharsets.UTF_8);
        Assertion said = accepted(good);
        for (int i = 0; i < BENDS; i++) {
            judge(octets(good, random), said, seed);
        }
    }

    @ParameterizedTest
    @EnumSource(Signed.class)
    void bentTreesNeverSayAnythingElse(Signed signed) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String good = xml(signed);
        Assertion said = accepted(good.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < BENDS; i++) {
            Document document = SamlIdp.parse(good);
            int bends = 1 + random.nextInt(3);
            for (int bend = 0; bend < bends; bend++) {
                bend(document, random);
            }
            judge(SamlIdp.write(document).getBytes(StandardCharsets.UTF_8), said, seed);
        }
    }

    @Test
    void theUnbentResponseIsAccepted() {
        assertThat(accepted(xml(Signed.BOTH).getBytes(StandardCharsets.UTF_8)).nameId())
                .isEqualTo("ada@example.com");
    }

    private static String xml(Signed signed) {
        return IDP.response(CALLBACK, "_request", NOW)
                .signed(signed != Signed.ASSERTION, signed != Signed.RESPONSE)
                .xml();
    }

    private static Assertion accepted(byte[] octets) {
        return ((Result.Verified) verify(octets)).assertion();
    }

    private static Result verify(byte[] octets) {
        return ResponseVerifier.verify(Base64.getEncoder().encodeToString(octets), EXPECTED, NOW);
    }

    private static void judge(byte[] octets, Assertion said, long seed) {
        if (verify(octets) instanceof Result.Verified(Assertion assertion)) {
            assertThat(assertion)
                    .as("seed %d:%n%s", seed, new String(octets, StandardCharsets.UTF_8))
                    .isEqualTo(said);
        }
    }

    private static byte[] octets(byte[] good, RandomGenerator random) {
        byte[] bent = good.clone();
        int at = random.nextInt(bent.length);
        switch (random.nextInt(4)) {
            case 0 -> bent[at] = (byte) random.nextInt(256);
            case 1 -> bent[at] = (byte) ("<>&\"'/#= !-?".charAt(random.nextInt(12)));
            case 2 -> {
                int length = Math.min(random.nextInt(60), bent.length - at);
                int from = random.nextInt(bent.length - length);
                System.arraycopy(good, from, bent, at, length);
            }
            default -> {
                byte[] longer = new byte[bent.length + 40];
                int length = 40;
                int from = random.nextInt(bent.length - length);
                System.arraycopy(good, 0, longer, 0, at);
                System.arraycopy(good, from, longer, at, length);
                System.arraycopy(good, at, longer, at + length, good.length - at);
                bent = longer;
            }
        }
        return bent;
    }

    /** Moves, copies, renames, removes or rewrites one node. */
    private static void bend(Document document, RandomGenerator random) {
        List<Element> all = new ArrayList<>(Elements.all(document.getDocumentElement()));
        Element one = all.get(random.nextInt(all.size()));
        Element other = all.get(random.nextInt(all.size()));
        boolean root = one == document.getDocumentElement();
        switch (random.nextInt(7)) {
            case 0 -> other.appendChild(one.cloneNode(true));
            case 1 -> other.insertBefore(one.cloneNode(true), other.getFirstChild());
            case 2 -> {
                if (!root && !holds(one, other)) {
                    other.appendChild(one);
                }
            }
            case 3 -> {
                if (!root) {
                    one.getParentNode().removeChild(one);
                }
            }
            case 4 -> one.setTextContent("root@example.com");
            case 5 -> one.setAttribute(random.nextBoolean() ? "ID" : "Name", random.nextBoolean() ? "_evil" : "email");
            default ->
                document.renameNode(
                        one,
                        random.nextBoolean() ? SamlNames.ASSERTION : SamlNames.PROTOCOL,
                        "x:" + other.getLocalName());
        }
    }

    private static boolean holds(Node holder, Node held) {
        for (Node node = held; node != null; node = node.getParentNode()) {
            if (node == holder) {
                return true;
            }
        }
        return false;
    }
}
