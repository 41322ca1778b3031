package io.sallyport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {
    @ParameterizedTest
    @CsvSource({
        "192.0.2.0/24, 192.0.2.255, true",
        "192.0.2.0/24, 192.0.3.0, false",
        "192.0.2.77/24, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "0.0.0.0/0, 203.0.113.1, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "::/0, 2001:db8::1, true",
        "::/0, 203.0.113.1, false",
        "2001:db8::/32, 2001:db8:ffff::1, true",
        "2001:db8::/32, 2001:db9::, false",
        "2001:db8::/65, 2001:db8:0:0:7fff::, true",
        "2001:db8::/65, 2001:db8:0:0:8000::, false",
        "::ffff:192.0.2.0/120, 192.0.2.9, true",
        "192.0.2.0/24, ::ffff:192.0.2.9, true",
        "255.255.255.255/32, 255.255.255.255, true",
    })
    void holdsItsAddresses(String block, String address, boolean expected) {
        InetAddress parsed = InetAddress.ofLiteral(address);
        assertThat(Cidr.parse(block).contains(parsed)).isEqualTo(expected);
        assertThat(CidrTable.of(List.of(Cidr.parse(block))).contains(parsed)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "/24", "192.0.2.0/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/+8", "192.0.2.0/08 ", "192.0.2",
                        "1.2.3.4.5",
                "01.2.3.4", "1.2.3.256", "2001:db8::/129", "fe80::1%lo", "[::1]", "localhost", "192.0.2.0/24/24",
                        "::1.2.3", "1:2"
            })
    void refusesWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> Cidr.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"" + text + "\"");
    }

    @Test
    void keepsItsText() {
        assertThat(Cidr.parse("192.0.2.77/24")).hasToString("192.0.2.77/24");
    }

    static LongStream seeds() {
        long first = System.nanoTime();
        return LongStream.range(first, first + 100);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tableFindsTheFirstBlockAScanWouldFind(long seed) throws UnknownHostException {
        Random random = new Random(seed);
        List<Cidr> blocks = new ArrayList<>();
        for (int i = random.nextInt(40); i >= 0; i--) {
            blocks.add(Cidr.parse(
                    random.nextInt(3) == 0
                            ? address(random, 16).getHostAddress() + "/" + random.nextInt(129)
                            : address(random, 4).getHostAddress() + "/" + random.nextInt(33)));
        }
        CidrTable table = CidrTable.of(blocks);
        for (int i = 0; i < 300; i++) {
            InetAddress address = address(random, random.nextInt(3) == 0 ? 16 : 4);
            int scan = -1;
            for (int b = blocks.size() - 1; b >= 0; b--) {
                scan = blocks.get(b).contains(address) ? b : scan;
            }
            assertThat(table.firstMatch(address))
                    .as("seed %d: %s in %s", seed, address, blocks)
                    .isEqualTo(scan);
        }
    }

    /** Few different bits, so that blocks nest and edges are hit. */
    private static InetAddress address(Random random, int length) throws UnknownHostException {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) new int[] {0, 0, 0, 255, 1, 128}[random.nextInt(6)];
        }
        if (length == 16) {
            bytes[0] = 0x20; // never IPv4-mapped
        }
        return InetAddress.getByAddress(bytes);
    }
}
