package io.sallyport.saml;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.ErrorHandler;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * Reads XML from outside (SA-06): UTF-8, XML 1.0, at most 256 KiB, no DOCTYPE, nothing fetched, no deep nesting. In protocol
 * messages markup other than elements is refused before a parser sees it, so that no comment, CDATA section or processing
 * instruction can ever split a value (SA-07).
 */
final class StrictXml {
    static final int LARGEST = 256 * 1024;

    private static final int DEEPEST = 40;
    private static final Pattern DECLARATION =
            Pattern.compile("<\\?xml\\s+version=(\"1\\.0\"|'1\\.0')(\\s+encoding=[\"'][uU][tT][fF]-8[\"'])?"
                    + "(\\s+standalone=[\"'](yes|no)[\"'])?\\s*\\?>");
    private static final ErrorHandler SILENT = new Silent();

    private StrictXml() {}

    /** A protocol message: elements, attributes and text, and nothing else. */
    static Element message(byte[] octets) throws SamlRefused {
        String text = text(octets);
        String content = withoutDeclaration(text);
        if (content.contains("<!") || content.contains("<?")) {
            throw malformed("markup other than elements");
        }
        return parse(content);
    }

    /** A document an admin brought, where comments are usual and mean nothing. */
    static Element document(byte[] octets) throws SamlRefused {
        return parse(withoutDeclaration(text(octets)));
    }

    private static String text(byte[] octets) throws SamlRefused {
        if (octets.length > LARGEST) {
            throw new SamlRefused(SamlProblem.TOO_LARGE, octets.length + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw malformed("not UTF-8");
        }
    }

    /**
     * Removes the XML declaration: the text is decoded already, and must not be decoded again with another encoding.
     */
    private static String withoutDeclaration(String text) throws SamlRefused {
        if (!text.startsWith("<?xml")) {
            return text;
        }
        var declaration = DECLARATION.matcher(text);
        if (!declaration.lookingAt()) {
            throw malformed("an XML declaration other than 1.0 and UTF-8");
        }
        return text.substring(declaration.end());
    }

    private static Element parse(String content) throws SamlRefused {
        try {
            DocumentBuilder builder = factory().newDocumentBuilder();
            builder.setErrorHandler(SILENT);
            builder.setEntityResolver((publicId, systemId) -> {
                throw new SAXException("nothing is fetched");
            });
            return builder.parse(new InputSource(new StringReader(content))).getDocumentElement();
        } catch (SAXException | IOException e) {
            throw malformed("not well-formed");
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("this Java has no strict XML parser", e);
        }
    }

    private static DocumentBuilderFactory factory() throws ParserConfigurationException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setAttribute(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "");
        factory.setAttribute("jdk.xml.maxElementDepth", DEEPEST);
        factory.setXIncludeAware(false);
        factory.setIgnoringComments(true);
        factory.setCoalescing(true);
        return factory;
    }

    private static SamlRefused malformed(String detail) {
        return new SamlRefused(SamlProblem.MALFORMED, detail);
    }

    /** Without an error handler Xerces writes to standard error. */
    private static final class Silent implements ErrorHandler {
        @Override
        public void warning(SAXParseException warning) {
            // A warning changes nothing that is read.
        }

        @Override
        public void error(SAXParseException error) throws SAXParseException {
            throw error;
        }

        @Override
        public void fatalError(SAXParseException error) throws SAXParseException {
            throw error;
        }
    }
}
