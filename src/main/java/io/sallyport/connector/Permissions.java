package io.sallyport.connector;

/**
 * What the operator of this connector permits to remote configurations (TU-11). Without permissions they reach only the
 * services that they name.
 *
 * @param bastion rules that connect where the client says
 * @param socks rules that speak SOCKS5
 * @param privateNetwork raw TCP to any address
 */
public record Permissions(boolean bastion, boolean socks, boolean privateNetwork) {
    /** No permissions. */
    public static final Permissions NONE = new Permissions(false, false, false);

    void check(Ingress ingress) {
        for (Rule rule : ingress.rules()) {
            if (rule.target() instanceof Service.Bastion && !bastion) {
                throw refused("bastion");
            }
            if ((rule.target() instanceof Service.Socks || rule.settings().socks()) && !socks) {
                throw refused("socks-proxy");
            }
        }
    }

    private static InvalidConfiguration refused(String service) {
        return new InvalidConfiguration("a remote configuration asks for " + service
                + ", which this connector's operator has not allowed (--allow " + service + ")");
    }
}
