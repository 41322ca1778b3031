package io.sallyport.tunnel.wire;

/** The account of a tunnel, and the secret that proves the right to run it. */
public record TunnelAuth(String accountTag, TunnelSecret secret) {
    private static final Layout LAYOUT = new Layout(0, 2);

    static TunnelAuth read(StructIn in) {
        return new TunnelAuth(in.text(0), new TunnelSecret(in.data(1)));
    }

    void write(StructOut parent, int pointer) {
        StructOut out = parent.struct(pointer, LAYOUT);
        out.text(0, accountTag);
        out.data(1, secret.exposeSecretBytes());
    }
}
