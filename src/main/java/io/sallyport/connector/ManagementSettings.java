package io.sallyport.connector;

/**
 * Settings of the management service.
 *
 * @param hostname the management host, without a port
 * @param diagnostics whether metrics are served
 * @param label shown instead of the machine's name; empty for none
 */
public record ManagementSettings(String hostname, boolean diagnostics, String label) {
    /** The default management host. */
    public static final String USUAL_HOSTNAME = "management.argotunnel.com";

    /** cloudflared's defaults. */
    public static final ManagementSettings USUAL = new ManagementSettings(USUAL_HOSTNAME, true, "");
}
