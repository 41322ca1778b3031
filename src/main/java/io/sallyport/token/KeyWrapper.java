package io.sallyport.token;

import java.security.GeneralSecurityException;

/**
 * Envelope encryption of stored secrets (SE-01): AES-256-GCM with a data key per record, wrapped by the master key, the record's
 * identity as additional data so that swapped ciphertexts fail.
 */
public interface KeyWrapper {
    /** @param record what the secret belongs to: {@code idp/UUID/client_secret} */
    byte[] wrap(String record, byte[] secret);

    /** @throws java.security.GeneralSecurityException when the master key or the record does not fit */
    byte[] unwrap(String record, byte[] wrapped) throws GeneralSecurityException;
}
