package io.sallyport.connector;

/**
 * What a connector says about itself when the edge asks (connector-config.md §3.2, §6).
 *
 * @param hostname at which the edge asks; without a port
 * @param diagnostics whether metrics are among it
 * @param label shown instead of the machine's name; empty for none
 */
public record ManagementSettings(String hostname, boolean diagnostics, String label) {
    /** The host at which every connector answers that was told nothing else. */
    public static final String USUAL_HOSTNAME = "management.argotunnel.com";

    /** As cloudflared has it. */
    public static final ManagementSettings USUAL = new ManagementSettings(USUAL_HOSTNAME, true, "");
}
