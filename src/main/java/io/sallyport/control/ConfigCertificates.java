package io.sallyport.control;

import io.sallyport.control.ConfigWorld.Item;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Client certificate authorities with the hosts they count on. */
record ConfigCertificates(CertificateChanges certificates) implements ConfigSection {
    @Override
    public ConfigKind kind() {
        return ConfigKind.CERTIFICATES;
    }

    @Override
    public List<ObjectNode> all() {
        return certificates.whole();
    }

    @Override
    public ObjectNode create(AdminCall call, Fields body) {
        return certificates.create(call, body);
    }

    /** For the API what is left out stays; in the file it is as nobody set it. */
    @Override
    public void change(AdminCall call, Item item, Fields body) {
        if (!body.json().path("certificate").equals(item.view().path("certificate"))) {
            throw ApiProblem.invalid("/certificate", "cannot change; give the new one a name of its own");
        }
        body.json().putIfAbsent("associated_hostnames", JsonNodeFactory.instance.arrayNode());
        body.json().putIfAbsent("revocation", JsonNodeFactory.instance.stringNode("named"));
        body.json().putIfAbsent("crl", JsonNodeFactory.instance.nullNode());
        certificates.replace(call, item.uuid(), body);
    }

    /** The API wants the hosts of an authority emptied first. */
    @Override
    public void remove(AdminCall call, Item item) {
        ObjectNode emptied = JsonNodeFactory.instance.objectNode();
        emptied.putArray("associated_hostnames");
        certificates.replace(call, item.uuid(), Fields.of(emptied));
        certificates.delete(call, item.uuid());
    }
}
