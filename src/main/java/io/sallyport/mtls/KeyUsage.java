package io.sallyport.mtls;

/** Positions in {@code X509Certificate.getKeyUsage()} and names of purposes (RFC 5280 §4.2.1.3, §4.2.1.12). */
final class KeyUsage {
    static final int SIGNS_DATA = 0;
    static final int SIGNS_CERTIFICATES = 5;

    static final String CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
    static final String ANY_PURPOSE = "2.5.29.37.0";

    private KeyUsage() {}
}
