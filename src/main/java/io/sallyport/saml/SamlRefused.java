package io.sallyport.saml;

/** Ends the reading of a document that does not hold; never leaves the package. */
final class SamlRefused extends Exception {
    private final SamlProblem problem;

    SamlRefused(SamlProblem problem, String detail) {
        super(detail, null, false, false);
        this.problem = problem;
    }

    SamlProblem problem() {
        return problem;
    }
}
