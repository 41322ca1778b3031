package io.sallyport.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Describes failures of files and connections for the person who called a command. */
final class Trouble {
    private Trouble() {}

    /** Why a file cannot be used, without its name, which the caller's sentence has. */
    static String with(IOException failure) {
        return switch (failure) {
            case NoSuchFileException _ -> "there is no such file or directory";
            case FileAlreadyExistsException _ -> "it exists already";
            case AccessDeniedException _ -> "permission denied to the user " + System.getProperty("user.name");
            case NotDirectoryException _ -> "it is not a directory";
            case CharacterCodingException _ -> "it is not text in UTF-8";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            default -> named(failure);
        };
    }

    /** Why a server could not be reached: one sentence, with what to do. */
    static String with(URI there, Throwable failure) {
        String who = there.getAuthority();
        Throwable cause = failure;
        while (cause != null) {
            switch (cause) {
                case UnresolvedAddressException _, UnknownHostException _ -> {
                    return "there is no host named " + there.getHost();
                }
                case HttpTimeoutException _ -> {
                    return who + " did not answer in time";
                }
                case SSLException tls -> {
                    return "no TLS with " + there.getHost() + ": " + with(tls);
                }
                case ConnectException refused
                when !isUnresolved(refused) -> {
                    return "nothing answers at " + who;
                }
                default -> cause = cause.getCause();
            }
        }
        return "cannot talk to " + who + ": " + named(failure);
    }

    /** Why a command cannot listen on an address, and what to do; without the address, which the caller's sentence has. */
    static String listening(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (isUnresolved(cause) || cause instanceof UnknownHostException) {
                return "there is no host of that name";
            }
            String said = String.valueOf(cause.getMessage());
            if (said.contains("Address already in use")) {
                return "something else listens there already; stop it, or choose another port";
            }
            if (said.contains("Cannot assign requested address")) {
                return "this machine does not have that address";
            }
            if (said.contains("Permission denied")) {
                return "this user may not listen on a port below 1024; choose a higher one";
            }
        }
        return named(failure);
    }

    static boolean isUnresolved(Throwable failure) {
        return failure instanceof UnresolvedAddressException
                || (failure.getCause() != null && isUnresolved(failure.getCause()));
    }

    /** Why the TLS handshake failed, which is mostly a problem of a certificate. */
    static String with(SSLException failure) {
        return distrust(failure).orElseGet(() -> named(failure));
    }

    private static Optional<String> distrust(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case CertificateExpiredException _ -> {
                    return Optional.of(
                            "its certificate has expired; renew it, or set this machine's clock if that is wrong");
                }
                case CertificateNotYetValidException _ -> {
                    return Optional.of(
                            "its certificate is not valid yet; set the clock of this machine, or of the machine that issued it");
                }
                case CertPathBuilderException _ -> {
                    return Optional.of(
                            "its certificate is from an authority that this Java does not trust; if it is your own, set"
                                    + " " + Trust.VARIABLE + " to the authority's PEM file");
                }
                case CertificateException other
                when String.valueOf(other.getMessage()).startsWith("No ") -> {
                    return Optional.of("its certificate is for another name (" + other.getMessage() + ")");
                }
                default -> {
                    // look deeper
                }
            }
        }
        return Optional.empty();
    }

    private static String named(Throwable failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
