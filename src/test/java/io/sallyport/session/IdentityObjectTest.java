package io.sallyport.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.identity.CertificateIdentity;
import io.sallyport.identity.ServiceIdentity;
import io.sallyport.identity.ServiceTokenId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdentityObjectTest {
    private static final String ACCOUNT = "a".repeat(32);
    private static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    private static final CertificateIdentity HOLDER =
            new CertificateIdentity("laptop-7", "thumb", "CN=Devices", "0a1b", "2c");

    @Test
    void aPersonsHasEveryMemberOfTheSpecification() {
        Map<String, Object> json = IdentityObject.of(World.ada(), ACCOUNT, ISSUED, HOLDER);

        assertThat(json)
                .containsKeys(
                        "id",
                        "name",
                        "email",
                        "groups",
                        "amr",
                        "idp",
                        "geo",
                        "user_uuid",
                        "account_id",
                        "iat",
                        "ip",
                        "auth_status",
                        "common_name",
                        "service_token_id",
                        "service_token_status",
                        "is_warp",
                        "is_gateway",
                        "gateway_account_id",
                        "device_id",
                        "devicePosture",
                        "device_sessions",
                        "mtls_auth",
                        "version",
                        "oidc_fields")
                .containsEntry(
                        "groups",
                        List.of("staff", Map.of("id", "id-7", "name", "admins", "email", "admins@example.com")))
                .containsEntry("geo", Map.of("country", "PT"))
                .containsEntry("iat", ISSUED.getEpochSecond())
                .containsEntry("common_name", "laptop-7")
                .containsEntry("oidc_fields", Map.of("department", "engines"));
    }

    @Test
    void aProgramsNamesItsServiceTokenAndNoPerson() {
        UUID id = UUID.randomUUID();
        Map<String, Object> json =
                IdentityObject.of(new ServiceIdentity(new ServiceTokenId(id), "abc.access", "backup"), ACCOUNT, ISSUED);

        assertThat(json)
                .containsEntry("id", "")
                .containsEntry("email", "")
                .containsEntry("account_id", ACCOUNT)
                .containsEntry("common_name", "abc.access")
                .containsEntry("service_token_id", new ServiceTokenId(id).toString())
                .containsEntry("service_token_status", true)
                .doesNotContainKeys("groups", "idp", "user_uuid", "oidc_fields");
    }

    @Test
    void aCertificatesHoldersSaysWhichCertificateWasShown() {
        Map<String, Object> json = IdentityObject.of(HOLDER, ACCOUNT, ISSUED);

        assertThat(json)
                .containsEntry("common_name", "laptop-7")
                .containsEntry("service_token_status", false)
                .containsEntry(
                        "mtls_auth",
                        Map.of(
                                "auth_status", "SUCCESS",
                                "cert_issuer_dn", "CN=Devices",
                                "cert_issuer_ski", "0a1b",
                                "cert_presented", true,
                                "cert_serial", "2c"));
    }
}
