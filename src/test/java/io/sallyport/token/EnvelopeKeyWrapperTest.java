package io.sallyport.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class EnvelopeKeyWrapperTest {
    private static final MasterKey OLD = key(1);
    private static final MasterKey NEW = key(2);
    private static final byte[] SECRET = "client secret of a provider".getBytes(StandardCharsets.UTF_8);

    private final EnvelopeKeyWrapper wrapper = new EnvelopeKeyWrapper(OLD);

    @Test
    @DisplayName("SE-01 what was wrapped opens again, and holds nothing in clear")
    void unwrapWhenSameRecordThenTheSecret() throws Exception {
        byte[] wrapped = wrapper.wrap("idp/1/config", SECRET);

        assertThat(wrapper.unwrap("idp/1/config", wrapped)).isEqualTo(SECRET);
        assertThat(new String(wrapped, StandardCharsets.ISO_8859_1))
                .doesNotContain(new String(SECRET, StandardCharsets.ISO_8859_1));
    }

    @Test
    @DisplayName("SE-01 every record has a data key and a nonce of its own")
    void wrapWhenSameSecretTwiceThenNothingIsShared() {
        byte[] one = wrapper.wrap("idp/1/config", SECRET);
        byte[] two = wrapper.wrap("idp/1/config", SECRET);

        assertThat(Arrays.copyOfRange(one, 9, one.length)).isNotEqualTo(Arrays.copyOfRange(two, 9, two.length));
    }

    @Test
    @DisplayName("SE-01 ciphertexts swapped between records fail")
    void unwrapWhenAnotherRecordThenRefused() {
        byte[] wrapped = wrapper.wrap("idp/1/config", SECRET);

        assertThatThrownBy(() -> wrapper.unwrap("idp/2/config", wrapped)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    @DisplayName("SE-01 a single changed bit anywhere fails")
    void unwrapWhenAnyBitIsChangedThenRefused() {
        byte[] wrapped = wrapper.wrap("r", SECRET);
        for (int i = 0; i < wrapped.length; i++) {
            byte[] damaged = wrapped.clone();
            damaged[i] ^= 1;
            assertThatThrownBy(() -> wrapper.unwrap("r", damaged))
                    .as("byte " + i)
                    .isInstanceOf(GeneralSecurityException.class);
        }
        for (int length = 0; length < wrapped.length; length++) {
            byte[] cut = Arrays.copyOf(wrapped, length);
            assertThatThrownBy(() -> wrapper.unwrap("r", cut)).isInstanceOf(GeneralSecurityException.class);
        }
    }

    @Test
    @DisplayName("SE-03 the wrong master key says which one is needed and which is configured")
    void unwrapWhenAnotherMasterKeyThenNamesBoth() {
        byte[] wrapped = wrapper.wrap("signing-key/k", SECRET);

        assertThatThrownBy(() -> new EnvelopeKeyWrapper(NEW).unwrap("signing-key/k", wrapped))
                .isInstanceOf(EnvelopeKeyWrapper.WrongMasterKeyException.class)
                .hasMessageContaining("signing-key/k")
                .hasMessageContaining(OLD.id())
                .hasMessageContaining(NEW.id());
    }

    @Test
    @DisplayName("SE-03 a rotation runs online: old records open, are rewrapped, and then need the new key alone")
    void rewrapWhenMasterKeyChangesThenTheOldOneCanGo() throws Exception {
        byte[] wrapped = wrapper.wrap("r", SECRET);
        EnvelopeKeyWrapper rotating = new EnvelopeKeyWrapper(NEW, List.of(OLD));

        assertThat(rotating.unwrap("r", wrapped)).isEqualTo(SECRET);
        assertThat(rotating.needsRewrap(wrapped)).isTrue();
        byte[] moved = rotating.rewrap("r", wrapped);

        assertThat(rotating.needsRewrap(moved)).isFalse();
        assertThat(new EnvelopeKeyWrapper(NEW).unwrap("r", moved)).isEqualTo(SECRET);
        assertThatThrownBy(() -> wrapper.unwrap("r", moved)).isInstanceOf(GeneralSecurityException.class);
    }

    static MasterKey key(int seed) {
        byte[] raw = new byte[32];
        Arrays.fill(raw, (byte) seed);
        return MasterKey.parse(Base64.getEncoder().encodeToString(raw));
    }
}
