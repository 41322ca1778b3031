package io.sallyport.testkit;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** An authority for client certificates, with intermediates, revocation lists and every mistake one can make. */
public final class TestClientAuthority {
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final List<X509Certificate> above;

    private TestClientAuthority(KeyPair keys, X509Certificate certificate, List<X509Certificate> above) {
        this.keys = keys;
        this.certificate = certificate;
        this.above = above;
    }

    /** A root of that name; two of one name are two authorities. */
    public static TestClientAuthority root(String commonName) {
        return new Wanted(null, commonName).asAuthority(-1).authority();
    }

    /** A root still to be described. */
    public static Wanted rootLike(String commonName) {
        return new Wanted(null, commonName).asAuthority(-1);
    }

    /** A certificate of this authority, good in every way until something is said. */
    public Wanted client(String commonName) {
        return new Wanted(this, commonName);
    }

    /** An authority below this one. */
    public TestClientAuthority intermediate(String commonName) {
        return new Wanted(this, commonName).asAuthority(-1).authority();
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** For whoever signs in its name. */
    KeyPair keys() {
        return keys;
    }

    /** The certificate as an admin uploads it. */
    public String pem() {
        return Pem.of("CERTIFICATE", encoded(certificate));
    }

    /** A list of revoked certificates that is good for a day. */
    public byte[] list(X509Certificate... revoked) {
        return list(now().plus(Duration.ofDays(1)), revoked);
    }

    /** One that ends then. */
    public byte[] list(Instant ends, X509Certificate... revoked) {
        try {
            JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(
                    certificate.getSubjectX500Principal(),
                    Date.from(
                            now().minus(Duration.ofHours(2)).isAfter(ends)
                                    ? ends.minus(Duration.ofHours(1))
                                    : now().minus(Duration.ofHours(2))));
            builder.setNextUpdate(Date.from(ends));
            for (X509Certificate each : revoked) {
                builder.addCRLEntry(each.getSerialNumber(), Date.from(now().minus(Duration.ofHours(1))), 1);
            }
            return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Such a list as an admin uploads it. */
    public static String listPem(byte[] list) {
        return Pem.of("X509 CRL", list);
    }

    /** A certificate with its key and what leads to its root. */
    public record Issued(KeyPair keys, List<X509Certificate> chain) {
        public X509Certificate certificate() {
            return chain.getFirst();
        }

        /** The certificate alone. */
        public String pem() {
            return Pem.of("CERTIFICATE", encoded(certificate()));
        }

        /** The DER in base64. */
        public String der() {
            return Base64.getEncoder().encodeToString(encoded(certificate()));
        }

        /** For a client that shows it and believes every server. */
        public SSLContext client() {
            return showing(this);
        }
    }

    /** A client that shows nothing and believes every server. */
    public static SSLContext nobody() {
        return showing(null);
    }

    private static SSLContext showing(@Nullable Issued shown) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    shown == null ? null : new KeyManager[] {new ShowAnyway(shown)},
                    TrustEverybody.MANAGERS,
                    new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a certificate shall be like. */
    public static final class Wanted {
        private final @Nullable TestClientAuthority issuer;
        private final String commonName;
        private final List<URI> lists = new ArrayList<>();
        private @Nullable URI responder;
        private Instant from = now().minus(Duration.ofHours(1));
        private Instant until = now().plus(Duration.ofDays(1));
        private @Nullable KeyPurposeId purpose = KeyPurposeId.id_kp_clientAuth;
        private int usage = KeyUsage.digitalSignature;
        private @Nullable BasicConstraints authority;
        private @Nullable String dnsName;
        private @Nullable String permitted;
        private String subject;

        private Wanted(@Nullable TestClientAuthority issuer, String commonName) {
            this.issuer = issuer;
            this.commonName = commonName;
            this.subject = "CN=" + commonName;
        }

        public Wanted from(Instant moment) {
            from = moment;
            return this;
        }

        public Wanted until(Instant moment) {
            until = moment;
            from = from.isAfter(moment) ? moment.minus(Duration.ofDays(1)) : from;
            return this;
        }

        /** @param id null for none */
        public Wanted purpose(@Nullable KeyPurposeId id) {
            purpose = id;
            return this;
        }

        public Wanted usage(int bits) {
            usage = bits;
            return this;
        }

        public Wanted subject(String name) {
            subject = name;
            return this;
        }

        public Wanted dnsName(String name) {
            dnsName = name;
            return this;
        }

        /** An authority whose certificates may only be for names under that one. */
        public Wanted permitting(String name) {
            permitted = name;
            return this;
        }

        /** Where its revocation list is said to lie. */
        public Wanted list(URI address) {
            lists.add(address);
            return this;
        }

        /** Who is said to answer about it. */
        public Wanted responder(URI address) {
            responder = address;
            return this;
        }

        /** @param below how many authorities may stand below it, -1 for any number */
        public Wanted asAuthority(int below) {
            authority = below < 0 ? new BasicConstraints(true) : new BasicConstraints(below);
            usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
            purpose = null;
            return this;
        }

        public TestClientAuthority authority() {
            Issued issued = issue();
            return new TestClientAuthority(
                    issued.keys(), issued.certificate(), issuer == null ? List.of() : issued.chain());
        }

        public Issued issue() {
            KeyPair own = Pem.keyPair();
            X509Certificate made = sign(own);
            List<X509Certificate> chain = new ArrayList<>(List.of(made));
            if (issuer != null) {
                chain.addAll(issuer.above);
            }
            return new Issued(own, List.copyOf(chain));
        }

        private X509Certificate sign(KeyPair own) {
            try {
                X500Name by = issuer == null
                        ? new X500Name(subject)
                        : X500Name.getInstance(
                                issuer.certificate.getSubjectX500Principal().getEncoded());
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        by,
                        new BigInteger(127, new SecureRandom()),
                        Date.from(from),
                        Date.from(until),
                        new X500Name(subject),
                        own.getPublic());
                builder.addExtension(
                        Extension.basicConstraints, true, authority == null ? new BasicConstraints(false) : authority);
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
                builder.addExtension(
                        Extension.authorityKeyIdentifier,
                        false,
                        ids.createAuthorityKeyIdentifier(issuer == null ? own.getPublic() : issuer.keys.getPublic()));
                builder.addExtension(
                        Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(own.getPublic()));
                if (purpose != null) {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                }
                extend(builder);
                return new JcaX509CertificateConverter()
                        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                                .build(issuer == null ? own.getPrivate() : issuer.keys.getPrivate())));
            } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
                throw new IllegalStateException(commonName, e);
            }
        }

        private void extend(JcaX509v3CertificateBuilder builder) throws CertIOException {
            if (dnsName != null) {
                builder.addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, dnsName)));
            }
            if (permitted != null) {
                builder.addExtension(
                        Extension.nameConstraints,
                        true,
                        new NameConstraints(
                                new GeneralSubtree[] {
                                    new GeneralSubtree(new GeneralName(GeneralName.dNSName, permitted))
                                },
                                null));
            }
            if (!lists.isEmpty()) {
                builder.addExtension(
                        Extension.cRLDistributionPoints,
                        false,
                        new CRLDistPoint(lists.stream()
                                .map(each -> new DistributionPoint(
                                        new DistributionPointName(new GeneralNames(new GeneralName(
                                                GeneralName.uniformResourceIdentifier, each.toString()))),
                                        null,
                                        null))
                                .toArray(DistributionPoint[]::new)));
            }
            if (responder != null) {
                builder.addExtension(
                        Extension.authorityInfoAccess,
                        false,
                        new AuthorityInformationAccess(
                                AccessDescription.id_ad_ocsp,
                                new GeneralName(
                                        GeneralName.uniformResourceIdentifier,
                                        Objects.requireNonNull(responder).toString())));
            }
        }
    }

    private static Instant now() {
        return InstantSource.system().instant();
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
