package io.sallyport.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.testkit.TestClientAuthority.Issued;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.Req;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/** An OCSP responder (RFC 6960) of one authority, over HTTP: all its certificates are good until something else is said. */
public final class TestResponder implements AutoCloseable {
    private final HttpServer http;
    private final AtomicInteger asked = new AtomicInteger();
    private final Set<BigInteger> revoked = ConcurrentHashMap.newKeySet();
    private final Set<BigInteger> unknown = ConcurrentHashMap.newKeySet();
    private volatile KeyPair signer;
    private volatile List<X509Certificate> shown = List.of();
    private volatile Instant now = InstantSource.system().instant();
    private volatile @Nullable Duration lasting = Duration.ofHours(1);
    private volatile int status = OCSPRespBuilder.SUCCESSFUL;
    private volatile @Nullable BigInteger instead;
    private volatile byte @Nullable [] words;
    private volatile boolean silent;

    private TestResponder(TestClientAuthority authority) {
        this.signer = authority.keys();
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        http.createContext("/", this::handle);
        http.start();
    }

    /** One that signs with the authority's own key. */
    public static TestResponder start(TestClientAuthority authority) {
        return new TestResponder(authority);
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort() + "/ocsp");
    }

    /** How many questions were put. */
    public int asked() {
        return asked.get();
    }

    public TestResponder revoke(X509Certificate certificate) {
        revoked.add(certificate.getSerialNumber());
        return this;
    }

    /** As at the end of a hold. */
    public TestResponder release(X509Certificate certificate) {
        revoked.remove(certificate.getSerialNumber());
        return this;
    }

    /** It has never heard of that one. */
    public TestResponder forget(X509Certificate certificate) {
        unknown.add(certificate.getSerialNumber());
        return this;
    }

    /** Signs with another key from now on, and shows the certificates of it. */
    public TestResponder signedBy(Issued delegate) {
        signer = delegate.keys();
        shown = delegate.chain();
        return this;
    }

    /** What its clock says. */
    public TestResponder at(Instant moment) {
        now = moment;
        return this;
    }

    /** How long its answers are good for; null leaves that open. */
    public TestResponder lasting(@Nullable Duration time) {
        lasting = time;
        return this;
    }

    /** Refuses with one of RFC 6960's reasons. */
    public TestResponder refusing(int reason) {
        status = reason;
        return this;
    }

    /** Speaks of another certificate than it is asked about. */
    public TestResponder speakingOf(X509Certificate other) {
        instead = other.getSerialNumber();
        return this;
    }

    /** Says just that, whatever is asked. */
    public TestResponder saying(byte @Nullable [] bytes) {
        words = bytes;
        return this;
    }

    /** Answers nobody. */
    public TestResponder silent(boolean on) {
        silent = on;
        return this;
    }

    /**
     * Answers without a socket.
     *
     * @throws IOException while it is silent
     */
    public byte[] answer(byte[] question) throws IOException {
        asked.incrementAndGet();
        if (silent) {
            throw new IOException("answered 503");
        }
        byte[] fixed = words;
        if (fixed != null) {
            return fixed;
        }
        try {
            if (status != OCSPRespBuilder.SUCCESSFUL) {
                return new OCSPRespBuilder().build(status, null).getEncoded();
            }
            BasicOCSPRespBuilder builder = new JcaBasicOCSPRespBuilder(
                    signer.getPublic(),
                    new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1));
            Duration life = lasting;
            Date end = life == null ? null : Date.from(now.plus(life));
            for (Req each : new OCSPReq(question).getRequestList()) {
                BigInteger other = instead;
                CertificateID id =
                        other == null ? each.getCertID() : CertificateID.deriveCertificateID(each.getCertID(), other);
                builder.addResponse(id, standing(id.getSerialNumber()), Date.from(now), end, null);
            }
            List<X509CertificateHolder> chain = new ArrayList<>();
            for (X509Certificate each : shown) {
                chain.add(new JcaX509CertificateHolder(each));
            }
            return new OCSPRespBuilder()
                    .build(
                            OCSPRespBuilder.SUCCESSFUL,
                            builder.build(
                                    new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate()),
                                    chain.toArray(X509CertificateHolder[]::new),
                                    Date.from(now)))
                    .getEncoded();
        } catch (GeneralSecurityException | OperatorCreationException | OCSPException e) {
            throw new IllegalStateException(e);
        }
    }

    private @Nullable CertificateStatus standing(BigInteger serial) {
        if (unknown.contains(serial)) {
            return new UnknownStatus();
        }
        return revoked.contains(serial)
                ? new RevokedStatus(Date.from(now.minus(Duration.ofMinutes(1))), 1)
                : CertificateStatus.GOOD;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (silent
                    || !"application/ocsp-request"
                            .equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
                exchange.sendResponseHeaders(silent ? 503 : 415, -1);
                return;
            }
            byte[] answer = answer(exchange.getRequestBody().readAllBytes());
            exchange.getResponseHeaders().set("Content-Type", "application/ocsp-response");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
