package io.sallyport.control;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.Type;

/** A DNS server over TCP that takes signed updates of one zone (RFC 2136, RFC 8945) and remembers its aliases. */
final class FakeDnsServer implements AutoCloseable {
    static final String KEY =
            Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.US_ASCII));

    private final ServerSocket socket;
    private final TSIG key;
    private final Map<String, String> aliases = new ConcurrentHashMap<>();
    private final List<String> addresses = new CopyOnWriteArrayList<>();
    private final List<String> refusals = new CopyOnWriteArrayList<>();
    private volatile int refuseWith = Rcode.NOERROR;
    private volatile boolean sign = true;

    FakeDnsServer() throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        key = new TSIG(
                TSIG.HMAC_SHA256,
                Name.fromString("sallyport."),
                Base64.getDecoder().decode(KEY));
        Thread.ofVirtual().name("fake-dns").start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    /** What names lead to, without the dots at their ends. */
    Map<String, String> aliases() {
        return Map.copyOf(aliases);
    }

    /** Why messages were refused for their signatures. */
    List<String> refusals() {
        return List.copyOf(refusals);
    }

    /** Lets the name have an address of its own. */
    void address(String name) {
        addresses.add(name);
    }

    /** Answers every update so from now on. */
    void refuseWith(int rcode) {
        refuseWith = rcode;
    }

    /** Whether answers are signed. */
    void sign(boolean sign) {
        this.sign = sign;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] query = in.readNBytes(in.readUnsignedShort());
                byte[] answer = answer(new Message(query), query);
                DataOutputStream out = new DataOutputStream(client.getOutputStream());
                out.writeShort(answer.length);
                out.write(answer);
                out.flush();
            } catch (IOException ended) {
                // The next one.
            }
        }
    }

    private byte[] answer(Message query, byte[] wire) {
        Message answer = new Message(query.getHeader().getID());
        Header header = answer.getHeader();
        header.setFlag(Flags.QR);
        header.setOpcode(Opcode.UPDATE);
        int signature = query.getTSIG() == null ? Rcode.NOTAUTH : key.verify(query, wire, null);
        if (signature != Rcode.NOERROR) {
            refusals.add(Rcode.TSIGstring(signature));
            header.setRcode(Rcode.NOTAUTH);
            return answer.toWire();
        }
        header.setRcode(refuseWith == Rcode.NOERROR ? apply(query) : refuseWith);
        if (sign) {
            answer.setTSIG(key, Rcode.NOERROR, query.getTSIG());
        }
        return answer.toWire(Message.MAXLENGTH);
    }

    private int apply(Message query) {
        for (Record absent : query.getSection(Section.PREREQ)) {
            if (absent.getDClass() == DClass.NONE && addresses.contains(text(absent.getName()))) {
                return Rcode.YXRRSET;
            }
        }
        for (Record change : query.getSection(Section.UPDATE)) {
            if (!change.getName().subdomain(query.getQuestion().getName())) {
                return Rcode.NOTZONE;
            }
            if (change.getDClass() == DClass.ANY && change.getType() == Type.CNAME) {
                aliases.remove(text(change.getName()));
            } else if (change instanceof CNAMERecord alias) {
                aliases.put(text(alias.getName()), text(alias.getTarget()) + " " + alias.getTTL());
            }
        }
        return Rcode.NOERROR;
    }

    private static String text(Name name) {
        return name.toString(true);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
