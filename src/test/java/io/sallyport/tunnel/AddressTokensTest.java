package io.sallyport.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** TU-08: only whoever receives at an address can show the token that was sent there. */
class AddressTokensTest {
    private static final InetSocketAddress HERE = new InetSocketAddress("192.0.2.1", 4000);
    private static final byte[] ID = {1, 2, 3, 4, 5, 6, 7, 8};

    private final AtomicLong now = new AtomicLong(1);
    private final AddressTokens tokens = new AddressTokens(now::get, _ -> true);

    private ByteBuf token() {
        ByteBuf token = Unpooled.buffer();
        assertThat(tokens.writeToken(token, Unpooled.wrappedBuffer(ID), HERE))
                .as("a retry is due")
                .isTrue();
        assertThat(token.readableBytes()).isLessThanOrEqualTo(tokens.maxTokenLength());
        return token;
    }

    @Test
    void aTokenFitsItsAddressAndNamesTheConnectionId() {
        ByteBuf token = token();
        int at = tokens.validateToken(token, HERE);
        assertThat(at).isPositive();
        byte[] id = new byte[token.readableBytes() - at];
        token.getBytes(at, id);
        assertThat(id).isEqualTo(ID);
    }

    @Test
    void tu08NoOtherAddressPortTimeOrMaker() {
        ByteBuf token = token();
        assertThat(tokens.validateToken(token, new InetSocketAddress("192.0.2.2", 4000)))
                .isNegative();
        assertThat(tokens.validateToken(token, new InetSocketAddress("192.0.2.1", 4001)))
                .isNegative();
        assertThat(new AddressTokens(now::get, _ -> true).validateToken(token, HERE))
                .isNegative();
        now.addAndGet(11_000_000_000L);
        assertThat(tokens.validateToken(token, HERE)).isNegative();
    }

    @Test
    void tu08NoByteMayDiffer() {
        for (int at = 0; at < token().readableBytes(); at++) {
            ByteBuf token = token();
            token.setByte(at, token.getByte(at) ^ 1);
            assertThat(tokens.validateToken(token, HERE)).as("byte %d", at).isNegative();
        }
        assertThat(tokens.validateToken(Unpooled.EMPTY_BUFFER, HERE)).isNegative();
        assertThat(tokens.validateToken(Unpooled.wrappedBuffer(new byte[200]), HERE))
                .isNegative();
    }

    @Test
    void tu08ATokenIsWorthNothingToWhomMayNotBegin() {
        AddressTokens strict = new AddressTokens(now::get, address -> address.getPort() != HERE.getPort());
        ByteBuf token = Unpooled.buffer();
        assertThat(strict.writeToken(token, Unpooled.wrappedBuffer(ID), HERE)).isTrue();
        assertThat(strict.validateToken(token, HERE)).isNegative();
    }
}
