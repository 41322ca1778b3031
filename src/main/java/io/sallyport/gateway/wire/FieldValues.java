package io.sallyport.gateway.wire;

import io.netty.handler.codec.http.HttpHeaders;
import io.sallyport.http.FieldSyntax;
import java.util.Iterator;
import java.util.Map;

/** Checks the bytes of a whole header block. */
public final class FieldValues {
    private FieldValues() {}

    /** Whether every name is a token and no value holds a control byte (RP-07). */
    public static boolean areClean(HttpHeaders headers) {
        Iterator<Map.Entry<CharSequence, CharSequence>> fields = headers.iteratorCharSequence();
        while (fields.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = fields.next();
            if (!FieldSyntax.isToken(field.getKey()) || !FieldSyntax.isValue(field.getValue())) {
                return false;
            }
        }
        return true;
    }
}
