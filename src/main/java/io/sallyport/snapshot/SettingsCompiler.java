package io.sallyport.snapshot;

import io.sallyport.http.HostName;

/** Reads the organisation. */
final class SettingsCompiler {
    private SettingsCompiler() {}

    /**
     * Reads it.
     *
     * @throws Json.Unreadable naming the member at fault
     */
    static Settings compile(Rows rows, String issuer) {
        Rows.Organization row = rows.organization();
        Json body = Json.parse(row.body());
        HostName authDomain = HostName.parse(row.authDomain())
                .orElseThrow(() -> new IllegalStateException("auth_domain " + row.authDomain() + " is no host name"));
        Json design = body.member("login_design");
        return new Settings(
                rows.accountId(),
                row.name(),
                authDomain,
                issuer,
                body.duration("session_duration"),
                body.flag("auto_redirect_to_identity", false),
                body.flag("deny_unmatched_requests", true),
                body.flag("strict_service_token_auth", true),
                new Settings.LoginDesign(
                        design.colour("background_color"),
                        design.colour("text_color"),
                        design.text("logo_path"),
                        design.text("header_text"),
                        design.text("footer_text")));
    }
}
