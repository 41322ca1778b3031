package io.sallyport.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Date;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of one test. */
public final class TestAuthority {
    private final KeyPair pair = Pem.keyPair();
    private final X500Name name;
    private final X509Certificate root;

    /** One of that name. */
    public TestAuthority(String commonName) {
        this.name = new X500Name("CN=" + commonName);
        this.root = sign(name, pair, true, InstantSource.system().instant().plus(Duration.ofDays(1)));
    }

    /** A certificate with its key. */
    public record Issued(X509Certificate certificate, KeyPair keys) {
        /** The certificate as PEM. */
        public String certificatePem() {
            try {
                return Pem.of("CERTIFICATE", certificate.getEncoded());
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        /** The key as PKCS#8 in PEM. */
        public String keyPem() {
            return Pem.of("PRIVATE KEY", keys.getPrivate().getEncoded());
        }

        /** Writes both. */
        public void write(Path certificateFile, Path keyFile) {
            try {
                Files.writeString(certificateFile, certificatePem());
                Files.writeString(keyFile, keyPem());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** For a server that shows it. */
        public SSLContext server() {
            try {
                KeyStore store = KeyStore.getInstance("PKCS12");
                store.load(null, null);
                Key key = keys.getPrivate();
                store.setKeyEntry("server", key, new char[0], new X509Certificate[] {certificate});
                KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
                managers.init(store, new char[0]);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(managers.getKeyManagers(), null, new SecureRandom());
                return context;
            } catch (GeneralSecurityException | IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A server certificate for these names; those that start with a digit are addresses. */
    public Issued issue(String... names) {
        return issue(InstantSource.system().instant().plus(Duration.ofHours(2)), names);
    }

    /** One that ends then. */
    public Issued issue(Instant until, String... names) {
        KeyPair keys = Pem.keyPair();
        return new Issued(sign(new X500Name("CN=" + names[0]), keys, false, until, names), keys);
    }

    /** For a client that trusts this authority alone. */
    public SSLContext client() {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("root", root);
            TrustManagerFactory managers = TrustManagerFactory.getInstance("PKIX");
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The root as PEM. */
    public String pem() {
        return new Issued(root, pair).certificatePem();
    }

    private X509Certificate sign(X500Name subject, KeyPair keys, boolean authority, Instant until, String... names) {
        try {
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    name,
                    new BigInteger(127, new SecureRandom()),
                    Date.from(InstantSource.system().instant().minus(Duration.ofDays(2))),
                    Date.from(until),
                    subject,
                    keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
            if (names.length > 0) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(Arrays.stream(names)
                                .map(each -> new GeneralName(
                                        Character.isDigit(each.charAt(0)) ? GeneralName.iPAddress : GeneralName.dNSName,
                                        each))
                                .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(
                            builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException(e);
        }
    }
}
