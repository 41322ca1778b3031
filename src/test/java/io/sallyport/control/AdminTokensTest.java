package io.sallyport.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import io.sallyport.catalog.AdminTokenRepository;
import io.sallyport.catalog.AdminTokenRow;
import io.sallyport.token.Sha256;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.CannotCreateTransactionException;

class AdminTokensTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");

    @Test
    void aTokenWhoseUseCannotBeNotedIsAGoodOneAllTheSame() {
        AdminTokenRepository stored = mock(AdminTokenRepository.class);
        when(stored.findByTokenHash(any()))
                .thenReturn(Optional.of(
                        new AdminTokenRow(UUID.randomUUID(), "ops", Sha256.of("a-token"), "owner", null, null, NOW)));
        when(stored.noteUse(any(), any(), any())).thenThrow(new CannotCreateTransactionException("no connection"));
        AdminTokens tokens = new AdminTokens(
                BootstrapToken.of("another-token-of-some-length", Path.of("unused")), stored, InstantSource.fixed(NOW));

        assertThat(tokens.holderOf("a-token")).isPresent();
    }
}
