package io.sallyport.gateway.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wherever the network cuts a head, it reads the same. */
class HeadScannerTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET /a?b HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d:e\tf \r\nEmpty:\r\n\r\n"
            })
    void aSoundHeadIsReadToItsEnd(String head) {
        for (int cut = 0; cut <= head.length(); cut++) {
            assertThat(read(head, cut)).as("cut at %d", cut).isEqualTo(head.length());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\nHost: a\nb: c\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\rb: c\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
                "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
                "GET / HTTP/1.1\r\nHost\r\n\r\n"
            })
    void rp07AHeadWithALineThatEndsOrBeginsOddlyIsRefused(String head) {
        for (int cut = 0; cut <= head.length(); cut++) {
            assertThat(read(head, cut)).as("cut at %d", cut).isNegative();
        }
    }

    /** How many bytes of the head were taken, when it comes in two pieces; negative when it was refused. */
    private static int read(String head, int cut) {
        ByteBuf bytes = Unpooled.copiedBuffer(head, StandardCharsets.ISO_8859_1);
        HeadScanner scanner = new HeadScanner();
        int first = scanner.scan(bytes.slice(0, cut));
        int second = first < 0 ? first : scanner.scan(bytes.slice(cut, head.length() - cut));
        return second < 0 ? second : first + second;
    }
}
