package io.sallyport.cli;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The credentials for the API about tunnels: a cert.pem, or else those of the other commands. */
final class TunnelApiOptions {
    @Mixin
    private final ApiOptions api = new ApiOptions();

    @Option(
            names = "--origincert",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The cert.pem of tunnel login (TUNNEL_ORIGIN_CERT; default: searched in ~/.cloudflared)")
    private @Nullable Path originCert;

    /** The API that the options and the environment name. */
    TunnelApi connect(Terminal terminal) {
        return cert(terminal)
                .map(cert -> new TunnelApi(
                        api.client(terminal, cert), "/accounts/" + cert.accountId(), "/zones/" + cert.zoneId()))
                .orElseGet(() -> TunnelApi.of(api.client(
                        terminal,
                        "there is no cert.pem in " + home(terminal)
                                + ": get one with 'sallyport tunnel login', or name it"
                                + " with --origincert. Without one, ")));
    }

    /** The certificate in use, if there is one. */
    Optional<OriginCert> cert(Terminal terminal) {
        return OriginCert.find(originCert, terminal);
    }

    /** The API's address; needs no credentials. */
    URI base(Terminal terminal) {
        return api.base(terminal, ApiOptions.LOCAL);
    }

    /** The API that an option, the environment or the certificate names; empty when none does. */
    Optional<URI> gateway(Terminal terminal) {
        return api.isNamed(terminal)
                ? Optional.of(base(terminal))
                : cert(terminal).flatMap(OriginCert::apiUrl).map(url -> api.base(terminal, url));
    }

    /** Where new credentials go: beside the certificate. */
    Path directory(Terminal terminal) {
        return cert(terminal)
                .map(cert -> cert.file().toAbsolutePath().getParent())
                .orElseGet(() -> home(terminal));
    }

    /** Where cloudflared keeps its files. */
    static Path home(Terminal terminal) {
        return terminal.home().resolve(".cloudflared");
    }
}
