package io.sallyport.liquid;

/** A template is invalid; the message says in which line and why. */
public final class TemplateProblem extends Exception {
    private static final long serialVersionUID = 1L;

    TemplateProblem(int line, String why) {
        super("line " + line + ": " + why);
    }
}
