package io.sallyport.saml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Attr;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/** Walks a tree of elements, always by namespace and local name, and never past a doubled one (SA-07). */
final class Elements {
    private Elements() {}

    /** The child elements, in document order. */
    static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }

    /** The child elements of that name. */
    static List<Element> children(Element parent, String namespace, String name) {
        return children(parent).stream()
                .filter(child -> is(child, namespace, name))
                .toList();
    }

    /** The child of that name; two of them are refused. */
    static Optional<Element> child(Element parent, String namespace, String name, SamlProblem problem)
            throws SamlRefused {
        List<Element> found = children(parent, namespace, name);
        if (found.size() > 1) {
            throw new SamlRefused(problem, "several " + name);
        }
        return found.stream().findFirst();
    }

    /** The child of that name, which must be there once. */
    static Element only(Element parent, String namespace, String name, SamlProblem problem) throws SamlRefused {
        return child(parent, namespace, name, problem).orElseThrow(() -> new SamlRefused(problem, "no " + name));
    }

    /** Every element of the tree, the root first. */
    static List<Element> all(Element root) {
        List<Element> all = new ArrayList<>();
        all.add(root);
        for (int i = 0; i < all.size(); i++) {
            all.addAll(children(all.get(i)));
        }
        return all;
    }

    static boolean is(Element element, String namespace, String name) {
        return name.equals(element.getLocalName()) && namespace.equals(element.getNamespaceURI());
    }

    /** An attribute in no namespace; null when it is not there. */
    static @Nullable String attribute(Element element, String name) {
        Attr attribute = element.getAttributeNodeNS(null, name);
        return attribute == null ? null : attribute.getValue();
    }

    /** The text of an element that holds nothing but text. */
    static String text(Element element, SamlProblem problem) throws SamlRefused {
        StringBuilder text = new StringBuilder();
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeType() != Node.TEXT_NODE) {
                throw new SamlRefused(problem, "more than text in " + element.getLocalName());
            }
            text.append(node.getNodeValue());
        }
        return text.toString().strip();
    }
}
