package io.sallyport.connector;

/** A configuration cannot be run. The message names the rule and the key, in the words cloudflared's users know (§3.3). */
public final class InvalidConfiguration extends RuntimeException {
    /** @param message a sentence for whoever wrote the configuration */
    public InvalidConfiguration(String message) {
        super(message);
    }
}
