package io.sallyport.cli;

/** A token on its way from a file to a request; its text form says nothing. */
record Secret(String reveal) {
    @Override
    public String toString() {
        return "*****";
    }
}
