package io.sallyport.saml;

/** Writes text into XML in its canonical spelling (Canonical XML §2.3), so that what is written can be signed as it stands. */
final class AsciiXml {
    private AsciiXml() {}

    /** For the value of an attribute in double quotes. */
    static String attribute(String value) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '"' -> escaped.append("&quot;");
                case '\t' -> escaped.append("&#x9;");
                case '\n' -> escaped.append("&#xA;");
                case '\r' -> escaped.append("&#xD;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** For text between tags. */
    static String text(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\r", "&#xD;");
    }
}
