/**
 * Client certificates: which authorities count on which host, whether a chain that was shown leads to one of them, and whether it
 * was revoked. Plain Java over the JDK's PKIX; the one thing that may wait is fetching a revocation list or asking a responder, which
 * {@link io.sallyport.mtls.ClientCertificates#verify} does and {@link io.sallyport.mtls.ClientCertificates#known} never. Start reading at
 * {@link io.sallyport.mtls.ClientCertificates}.
 */
@NullMarked
package io.sallyport.mtls;

import org.jspecify.annotations.NullMarked;
