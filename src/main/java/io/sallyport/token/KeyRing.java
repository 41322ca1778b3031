package io.sallyport.token;

/**
 * The signing keys of one moment: the current one signs, the next is already published, the previous still verifies (§8.1, §8.2,
 * JW-02). Immutable; part of the snapshot.
 */
public final class KeyRing {
    KeyRing() {}
}
