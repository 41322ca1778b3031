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
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1Object;
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
 * A certificate authority of our own. All replicas share it through the database, the key enveloped under the master key; each
 * replica issues its own leaves.
 */
final class SharedAuthority {
    /**
     * What an authority is for. Different parties trust each, so that a certificate of one is useless at the other.
     */
    enum Purpose {
        /** Signs the edge's certificate, for connectors. */
        TUNNEL("tunnel_authority", "tunnel/authority/key", "Sallyport Tunnel CA"),
        /** Signs replicas' certificates, for other replicas. */
        REPLICAS("replica_authority", "replica/authority/key", "Sallyport Replica CA");

        private final String table;
        private final String record;
        private final String title;

        Purpose(String table, String record, String title) {
            this.table = table;
            this.record = record;
            this.title = title;
        }
    }

    /** A private key and its chain, leaf first. */
    record Identity(PrivateKey key, List<X509Certificate> chain) {}

    private static final Duration LIFE = Duration.ofDays(3650);
    private static final Duration SKEW = Duration.ofHours(1);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final X509Certificate certificate;
    private final PrivateKey key;

    private SharedAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** The deployment's authority; the first replica that asks creates it. Blocks; called at start. */
    static SharedAuthority readOrCreate(Purpose purpose, JdbcClient database, KeyWrapper wrapper, InstantSource clock) {
        try {
            KeyPair pair = pair();
            Instant now = clock.instant();
            String name = "CN=" + purpose.title;
            X509Certificate own = sign(
                    name, pair.getPublic(), name, pair.getPrivate(), now, LIFE, new BasicConstraints(0), List.of());
            database.sql("insert into " + purpose.table
                            + " (certificate, key, created_at) values (?, ?, ?) on conflict do nothing")
                    .param(pem(own))
                    .param(wrapper.wrap(purpose.record, pair.getPrivate().getEncoded()))
                    .param(Timestamp.from(now))
                    .update();
            return database.sql("select certificate, key from " + purpose.table)
                    .query((row, number) -> open(purpose, row.getString(1), row.getBytes(2), wrapper))
                    .single();
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("the " + purpose.title + " cannot be created", e);
        }
    }

    private static SharedAuthority open(Purpose purpose, String certificate, byte[] wrapped, KeyWrapper wrapper) {
        try {
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(wrapper.unwrap(purpose.record, wrapped)));
            try (PEMParser parser = new PEMParser(new StringReader(certificate))) {
                return new SharedAuthority(
                        new JcaX509CertificateConverter().getCertificate((X509CertificateHolder) parser.readObject()),
                        key);
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new UnreadableException(purpose, e);
        }
    }

    /** The authority's own certificate. */
    X509Certificate certificate() {
        return certificate;
    }

    /** The authority's own certificate, PEM. */
    String certificatePem() {
        return pem(certificate);
    }

    /** A fresh key with a certificate for these names. */
    Identity issue(List<String> names, Instant now, Duration life, KeyPurposeId... uses) {
        try {
            KeyPair pair = pair();
            X509Certificate leaf = sign(
                    "CN=" + names.getFirst(),
                    pair.getPublic(),
                    certificate.getSubjectX500Principal().getName(),
                    key,
                    now,
                    life,
                    new ExtendedKeyUsage(uses),
                    names);
            return new Identity(pair.getPrivate(), List.of(leaf, certificate));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("the certificate of " + names.getFirst() + " cannot be created", e);
        }
    }

    /** @param role the extensions of the subject: an authority's, or those of a leaf with the given uses */
    private static X509Certificate sign(
            String subject,
            PublicKey subjectKey,
            String issuer,
            PrivateKey issuerKey,
            Instant now,
            Duration life,
            ASN1Object role,
            List<String> names)
            throws GeneralSecurityException, OperatorCreationException, IOException {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name(issuer),
                new BigInteger(127, RANDOM),
                Date.from(now.minus(SKEW)),
                Date.from(now.plus(life)),
                new X500Name(subject),
                subjectKey);
        if (role instanceof BasicConstraints authority) {
            builder.addExtension(Extension.basicConstraints, true, authority);
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        } else {
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, role);
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(names.stream()
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

    /** The stored authority cannot be decrypted, usually because the master key is a different one. */
    static final class UnreadableException extends RuntimeException {
        UnreadableException(Purpose purpose, Exception cause) {
            super("the " + purpose.title + " cannot be read: " + cause.getMessage(), cause);
        }
    }
}
