package io.sallyport.mtls;

import io.sallyport.mtls.Responders.Status;
import io.sallyport.mtls.Responders.Subject;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.PKIXRevocationChecker.Option;
import java.security.cert.TrustAnchor;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * A verified OCSP response about one certificate (RFC 6960, in the profile of RFC 5019: one certificate, the issuer
 * identified by SHA-1, no nonce). The JDK verifies that it is signed by the issuer or a delegated OCSP signer, is about
 * this certificate, and is current. The response's times, which the JDK does not expose, are read here.
 *
 * @param from when the responder produced it
 * @param until when newer information will be available
 */
record OcspAnswer(Status status, Instant from, Instant until) {
    /** How long a response without {@code nextUpdate} is used. */
    private static final Duration UNDATED = Duration.ofMinutes(5);

    /** The answer proves nothing; the message is for the log. */
    static final class Unproved extends Exception {
        Unproved(String message, Throwable cause) {
            super(message, cause);
        }

        Unproved(String message) {
            super(message);
        }
    }

    /** The DER of the question. */
    static byte[] question(Subject subject) throws Unproved {
        try {
            return new OCSPReqBuilder().addRequest(id(subject)).build().getEncoded();
        } catch (IOException | OCSPException e) {
            throw new Unproved("the question cannot be written", e);
        }
    }

    /**
     * Proves an answer.
     *
     * @throws Unproved whatever is wrong with it, a responder's own refusal included
     */
    static OcspAnswer read(Subject subject, byte[] der, Instant now) throws Unproved {
        SingleResp single = single(subject, der);
        Instant from = single.getThisUpdate().toInstant();
        Instant until = single.getNextUpdate() == null
                ? now.plus(UNDATED)
                : single.getNextUpdate().toInstant();
        if (!now.isBefore(until)) {
            throw new Unproved("the answer ended on " + until);
        }
        Status proved = prove(subject, der, now);
        // For the JDK a certificate that will be revoked in a moment, by the responder's clock, is good until then.
        boolean isGood = single.getCertStatus() == null; // null is Bouncy Castle's CertificateStatus.GOOD
        return new OcspAnswer(isGood ? proved : Status.REVOKED, from, until);
    }

    private static SingleResp single(Subject subject, byte[] der) throws Unproved {
        try {
            OCSPResp whole = new OCSPResp(der);
            if (whole.getStatus() != OCSPResp.SUCCESSFUL) {
                throw new Unproved("the responder answers with status " + whole.getStatus());
            }
            CertificateID id = id(subject);
            List<SingleResp> about = whole.getResponseObject() instanceof BasicOCSPResp basic
                    ? List.of(basic.getResponses()).stream()
                            .filter(each -> each.getCertID().equals(id))
                            .toList()
                    : List.of();
            if (about.size() != 1) {
                throw new Unproved("the answer speaks " + about.size() + " times of this certificate");
            }
            return about.getFirst();
        } catch (IOException | OCSPException | RuntimeException unreadable) {
            throw new Unproved("the answer is not one of OCSP", unreadable);
        }
    }

    private static Status prove(Subject subject, byte[] der, Instant now) throws Unproved {
        try {
            CertPathValidator validator = CertPathValidator.getInstance("PKIX");
            PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            // The checker gets the response and must not fall back to lists, so it makes no network calls.
            checker.setOcspResponses(Map.of(subject.certificate(), der));
            checker.setOptions(Set.of(Option.NO_FALLBACK));
            PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(subject.issuer(), null)));
            parameters.setDate(Date.from(now));
            parameters.addCertPathChecker(checker);
            validator.validate(Pem.factory().generateCertPath(List.of(subject.certificate())), parameters);
            return Status.GOOD;
        } catch (CertPathValidatorException e) {
            if (e.getReason() == BasicReason.REVOKED) {
                return Status.REVOKED;
            }
            throw new Unproved(String.valueOf(e.getMessage()), e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK reads OCSP answers", e);
        }
    }

    private static CertificateID id(Subject subject) throws OCSPException {
        try {
            return new CertificateID(
                    new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1),
                    new JcaX509CertificateHolder(subject.issuer()),
                    subject.certificate().getSerialNumber());
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new OCSPException("the issuer cannot be named", e);
        }
    }
}
