package io.sallyport.session;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The credentials in a request, as {@link SessionReader} judges them.
 *
 * @param passes app passes in any of their forms
 * @param workloadTokens bearer tokens of registered issuers
 * @param certificate thumbprint of the verified client certificate; null when there is none
 */
public record Presented(
        Tokens tokens,
        ServiceFields service,
        PassCredentials passes,
        List<String> workloadTokens,
        @Nullable String certificate) {
    static final Presented NOTHING = of(Tokens.NONE);

    /**
     * Tokens of ours.
     *
     * @param cookies every value of CF_Authorization, in order; several are judged by CS-04
     * @param headers every value of Cf-Access-Token
     * @param bindings every value of CF_Binding
     */
    public record Tokens(List<String> cookies, List<String> headers, List<String> bindings) {
        static final Tokens NONE = new Tokens(List.of(), List.of(), List.of());

        /** The tokens after the browser was given a new one. */
        public Tokens renewed(String compact) {
            return new Tokens(List.of(compact), List.of(), bindings);
        }
    }

    /**
     * The fields that can hold service tokens.
     *
     * @param ids every value of Cf-Access-Client-Id
     * @param secrets every value of Cf-Access-Client-Secret
     * @param single every value of the application's single service-token header; empty when it has none
     */
    public record ServiceFields(List<String> ids, List<String> secrets, List<String> single) {
        static final ServiceFields NONE = new ServiceFields(List.of(), List.of(), List.of());

        /** Secrets stay out of logs. */
        @Override
        public String toString() {
            return "ServiceFields[ids=" + ids + ", …]";
        }
    }

    /** Tokens of ours alone. */
    static Presented of(Tokens tokens) {
        return new Presented(tokens, ServiceFields.NONE, PassCredentials.NONE, List.of(), null);
    }

    /** The same person with a newly issued token and no other credentials. */
    public Presented renewed(String compact) {
        return of(tokens.renewed(compact)).over(certificate);
    }

    /** The same over another certificate. */
    public Presented over(@Nullable String thumbprint) {
        return new Presented(tokens, service, passes, workloadTokens, thumbprint);
    }
}
