package io.sallyport.web;

/** A link a page offers as the next step. {@code href} is built by us, never taken from a request. */
public record Action(String label, String href) {}
