package io.sallyport.cli;

/** A token from a file for a request. Its {@code toString} does not reveal it. */
record Secret(String reveal) {
    @Override
    public String toString() {
        return "*****";
    }
}
