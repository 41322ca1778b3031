package io.sallyport.tunnel;

import io.sallyport.token.KeyWrapper;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Our own certificate authority for the tunnel listeners. All replicas share it through the database, the key enveloped under the
 * master key; each replica issues its own leaf at start, for the names that connectors ask for.
 */
public final class TunnelAuthority {
    /** A private key and its chain, leaf first. */
    record Identity(PrivateKey key, List<X509Certificate> chain) {}

    private static final List<String> NAMES =
            List.of("h2.cftunnel.com", "quic.cftunnel.com", "probe.cftunnel.com", "localhost");
    private static final String RECORD = "tunnel/authority/key";
    private static final Duration LIFE = Duration.ofDays(3650);
    private static final Duration LEAF_LIFE = Duration.ofDays(397);
    private static final Duration SKEW = Duration.ofHours(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    private TunnelAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** The deployment's authority, made by whichever replica asks first. Blocks; called at start. */
    static TunnelAuthority readOrCreate(JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        try {
            KeyPair pair = pair();
            Instant now = clock.instant();
            X509Certificate own = issue(
                    "CN=Sallyport Tunnel CA",
                    pair.getPublic(),
                    "CN=Sallyport Tunnel CA",
                    pair.getPrivate(),
                    now,
                    LIFE,
                    true);
            database.sql("insert into tunnel_authority (certificate, key, created_at) values (?, ?, ?)"
                            + " on conflict do nothing")
                    .param(pem(own))
                    .param(wrapper.wrap(RECORD, pair.getPrivate().getEncoded()))
                    .param(java.sql.Timestamp.from(now))
                    .update();
            return database.sql("select certificate, key from tunnel_authority")
                    .query((row, number) -> open(row.getString(1), row.getBytes(2), wrapper))
                    .single();
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("the tunnel's certificate authority cannot be made", e);
        }
    }

    private static TunnelAuthority open(String certificate, byte[] wrapped, KeyWrapper wrapper) {
        try {
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(wrapper.unwrap(RECORD, wrapped)));
            try (PEMParser parser = new PEMParser(new StringReader(certificate))) {
                return new TunnelAuthority(
                        new JcaX509CertificateConverter().getCertificate((X509CertificateHolder) parser.readObject()),
                        key);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new UnreadableException(e);
        }
    }

    /** The certificate that connectors must trust, PEM. */
    public String certificatePem() {
        return pem(certificate);
    }

    /** A fresh certificate for this replica's listeners. */
    Identity issue(Instant now) {
        try {
            KeyPair pair = pair();
            X509Certificate leaf = issue(
                    "CN=" + NAMES.getFirst(),
                    pair.getPublic(),
                    certificate.getSubjectX500Principal().getName(),
                    key,
                    now,
                    LEAF_LIFE,
                    false);
            return new Identity(pair.getPrivate(), List.of(leaf, certificate));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("the tunnel's certificate cannot be made", e);
        }
    }

    private static X509Certificate issue(
            String subject,
            PublicKey subjectKey,
            String issuer,
            PrivateKey issuerKey,
            Instant now,
            Duration life,
            boolean isAuthority)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name(issuer),
                new BigInteger(127, RANDOM),
                Date.from(now.minus(SKEW)),
                Date.from(now.plus(life)),
                new X500Name(subject),
                subjectKey);
        if (isAuthority) {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        } else {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(
                    Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(NAMES.stream()
                            .map(name -> new GeneralName(GeneralName.dNSName, name))
                            .toArray(GeneralName[]::new)));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey)));
    }

    private static KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static String pem(X509Certificate certificate) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(certificate);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
        return text.toString();
    }

    /** The stored authority does not open, mostly because of another master key. */
    static final class UnreadableException extends RuntimeException {
        UnreadableException(Exception cause) {
            super("the tunnel's certificate authority cannot be read: " + cause.getMessage(), cause);
        }
    }
}
