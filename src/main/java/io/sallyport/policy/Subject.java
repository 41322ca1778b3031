package io.sallyport.policy;

import io.sallyport.identity.Email;

/** Whom a request speaks for, as far as logins go. */
public sealed interface Subject {
    /** Nobody has logged in: identity selectors are undecided, which can lead to {@link Decision.LoginRequired}. */
    record Anonymous() implements Subject {}

    /** A person with a valid session, and the facts of that login. */
    record Person(Email email, Facts facts) implements Subject {}

    /** Answers the selectors that a login decides. */
    @FunctionalInterface
    interface Facts {
        /** {@link Truth#UNDECIDED} when the fact was not established, for instance because an evaluator did not answer. */
        Truth test(Selector.LoginFact fact);
    }
}
