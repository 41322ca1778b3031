package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens and credentials files, as cloudflared reads and writes them. */
class TunnelCredentialsTest {
    private static final UUID TUNNEL = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    private static final TunnelCredentials EXAMPLE = new TunnelCredentials(
            "acct-1",
            TUNNEL,
            new TunnelSecret(
                    HexFormat.of().parseHex("0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20")));
    private static final String JSON = "{\"a\":\"acct-1\",\"s\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\","
            + "\"t\":\"00112233-4455-6677-8899-aabbccddeeff\"}";

    @Test
    void theExampleTokenIsReadAndWritten() {
        assertThat(TunnelCredentials.ofToken(base64(JSON) + "\n")).isEqualTo(EXAMPLE);
        assertThat(EXAMPLE.token()).isEqualTo(base64(JSON));
    }

    @Test
    void credentialsFilesAreReadInAnyCaseAndWritten() {
        assertThat(TunnelCredentials.ofFile(EXAMPLE.file(), null)).isEqualTo(EXAMPLE);
        assertThat(TunnelCredentials.ofFile(EXAMPLE.file().replace("TunnelID", "tunnelid"), null))
                .isEqualTo(EXAMPLE);
        assertThat(EXAMPLE.file()).doesNotContain("\n");
    }

    @Test
    void anOldFileTakesTheIdFromTheCommandLine() {
        String old = EXAMPLE.file().replaceAll(",\"TunnelID\":\"[^\"]*\"", "");
        assertThat(TunnelCredentials.ofFile(old, TUNNEL)).isEqualTo(EXAMPLE);
        assertThatThrownBy(() -> TunnelCredentials.ofFile(old, null)).isInstanceOf(WireRefusal.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[]", "{}", "{\"a\":\"x\",\"s\":\"\",\"t\":\"00112233-4455-6677-8899-aabbccddeeff\"}"})
    void whatIsNoTokenIsRefusedWithoutShowingIt(String json) {
        assertThatThrownBy(() -> TunnelCredentials.ofToken(base64(json)))
                .isInstanceOf(WireRefusal.class)
                .hasMessage("Provided Tunnel token is not valid.");
    }

    @Test
    void whereTheEdgeIsAndHowToKnowItTravelsUnderANameThatCloudflaredPassesOver() {
        TunnelCredentials guided =
                EXAMPLE.with(new EdgeGuide("gate.example.com:7844", "-----BEGIN CERTIFICATE-----\n"));
        String told = ",\"sallyport\":{\"edge\":\"gate.example.com:7844\","
                + "\"authority\":\"-----BEGIN CERTIFICATE-----\\n\"}}";
        assertThat(guided.token()).isEqualTo(base64(JSON.replaceAll("}$", "") + told));
        assertThat(TunnelCredentials.ofToken(guided.token())).isEqualTo(guided);
        assertThat(TunnelCredentials.ofFile(guided.file(), null)).isEqualTo(guided);
        assertThat(guided.file()).doesNotContain("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "\"x\"", "{}", "{\"edge\":7,\"authority\":null}"})
    void whatSaysNothingOfTheEdgeInOurWordsSaysNothing(String told) {
        String token = base64(JSON.replaceAll("}$", ",\"sallyport\":" + told + "}"));
        assertThat(TunnelCredentials.ofToken(token)).isEqualTo(EXAMPLE);
    }

    @Test
    void tu10TheSecretShowsItselfToNobody() {
        assertThat(EXAMPLE.toString()).contains("hidden").doesNotContain("AQID");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
