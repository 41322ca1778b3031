package io.sallyport.connector;

/** A configuration is invalid. The message names the rule and the key, with cloudflared's texts. */
public final class InvalidConfiguration extends RuntimeException {
    /** @param message a sentence for whoever wrote the configuration */
    public InvalidConfiguration(String message) {
        super(message);
    }
}
