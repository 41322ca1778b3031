package io.sallyport.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request presented to say who is at the door; {@link SessionReader} judges it.
 *
 * @param authorizationCookies every value of CF_Authorization, in order; several are judged by CS-04
 * @param bindingCookies every value of CF_Binding
 * @param accessTokenHeaders every value of Cf-Access-Token
 * @param clientIds every value of Cf-Access-Client-Id
 * @param clientSecrets every value of Cf-Access-Client-Secret
 * @param workloadTokens bearer tokens of registered issuers
 * @param passes app passes in any of their forms
 * @param singleHeader every value of the application's single service-token header; empty when it has none
 * @param certificate thumbprint of the verified client certificate; null when there is none
 */
public record Presented(
        List<String> authorizationCookies,
        List<String> bindingCookies,
        List<String> accessTokenHeaders,
        List<String> clientIds,
        List<String> clientSecrets,
        List<String> singleHeader,
        PassCredentials passes,
        List<String> workloadTokens,
        @Nullable String certificate) {
    static final Presented NOTHING = new Presented(List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    /** The same over another certificate. */
    public Presented over(@Nullable String thumbprint) {
        return new Presented(
                authorizationCookies,
                bindingCookies,
                accessTokenHeaders,
                clientIds,
                clientSecrets,
                singleHeader,
                passes,
                workloadTokens,
                thumbprint);
    }

    /** Without any app pass or certificate. */
    public Presented(
            List<String> authorizationCookies,
            List<String> bindingCookies,
            List<String> accessTokenHeaders,
            List<String> clientIds,
            List<String> clientSecrets,
            List<String> singleHeader) {
        this(
                authorizationCookies,
                bindingCookies,
                accessTokenHeaders,
                clientIds,
                clientSecrets,
                singleHeader,
                PassCredentials.NONE,
                List.of(),
                null);
    }
}
