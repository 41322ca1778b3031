package io.sallyport;

/** Entry point: picks the command. */
public final class Sallyport {
    private Sallyport() {}

    /** Runs the command named by the first argument. */
    public static void main(String[] args) {}
}
