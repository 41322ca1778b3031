package io.sallyport.tunnel.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** TU-12: whatever is done to a message, reading it ends in a value or in a refusal, and in little memory. */
class WireFuzzTest {
    private static final int ROUNDS = 4_000;
    private static final int LONGEST = 64 * 1024;

    static LongStream seeds() {
        return LongStream.of(1, 20_261_127L, System.nanoTime());
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tu12MutatedConversationsAreAnsweredOrRefused(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            String vector = Vectors.RPC.get(random.nextInt(Vectors.RPC.size()));
            ByteBuf message = mutate(Vectors.bytes(vector), random);
            survive(seed, round, () -> {
                RpcConnection rpc = new RpcConnection(ByteBuf::release, new Reading(), LONGEST);
                rpc.receive(Vectors.buffer(Vectors.BOOTSTRAP));
                rpc.call(UpdateConfiguration.INTERFACE, 0, Body.EMPTY, answer -> {
                    if (answer instanceof RpcConnection.Answer.Results results) {
                        RegistrationResult.read(results.content());
                        UpdateConfiguration.Applied.read(results.content());
                    }
                });
                rpc.receive(message);
            });
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tu12MutatedWithdrawalsAreReadOrRefused(long seed) {
        Random random = new Random(seed);
        ByteBuf message = new Withdrawals(
                        3,
                        "https://auth.example.com",
                        List.of("one", "two"),
                        List.of(new Withdrawals.Mark(MarkedName.person("a"), 5)))
                .params()
                .message();
        byte[] vector = ByteBufUtil.getBytes(message);
        for (int round = 0; round < ROUNDS; round++) {
            ByteBuf bytes = mutate(vector, random);
            survive(seed, round, () -> {
                StructIn root = new MessageFramer(LONGEST).next(bytes);
                if (root != null) {
                    assertThat(Withdrawals.read(root).marks().size()).isLessThan(LONGEST / 24);
                }
            });
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tu12MutatedStreamHeadsAreReadOrRefused(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            boolean request = random.nextBoolean();
            byte[] vector = Vectors.bytes(request ? Vectors.CONNECT_REQUEST : Vectors.CONNECT_RESPONSE);
            ByteBuf head = mutate(vector, random);
            survive(seed, round, () -> {
                if (StreamSignature.read(head).isEmpty()) {
                    return;
                }
                StructIn root = new MessageFramer(LONGEST).next(head);
                if (root != null && request) {
                    ConnectRequest.read(root);
                } else if (root != null) {
                    ConnectResponse.read(root);
                }
            });
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tu12MutatedTextsAreReadOrRefused(long seed) {
        Random random = new Random(seed);
        String headers = "Q29udGVudC1UeXBl:dGV4dC9wbGFpbg;U2V0LUNvb2tpZQ:YT0x";
        String token = new TunnelCredentials("acct-1", new UUID(1, 2), new TunnelSecret(new byte[32])).token();
        for (int round = 0; round < ROUNDS; round++) {
            Consumer<String> reader = round % 2 == 0 ? SerializedHeaders::read : TunnelCredentials::ofToken;
            byte[] bytes = (round % 2 == 0 ? headers : token).getBytes(StandardCharsets.US_ASCII);
            String text = mutate(bytes, random).toString(StandardCharsets.ISO_8859_1);
            survive(seed, round, () -> reader.accept(text));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tu12MemoryFollowsWhatArrivedAndNotWhatWasPromised(long seed) {
        Random random = new Random(seed);
        Runtime runtime = Runtime.getRuntime();
        MessageFramer[] framers = new MessageFramer[4_000];
        System.gc();
        long before = runtime.totalMemory() - runtime.freeMemory();
        for (int i = 0; i < framers.length; i++) {
            framers[i] = new MessageFramer(1 << 30);
            ByteBuf promise = Unpooled.buffer().writeIntLE(0).writeIntLE((1 << 26) + random.nextInt(1000));
            assertThat(framers[i].next(promise)).isNull();
        }
        System.gc();
        long used = runtime.totalMemory() - runtime.freeMemory() - before;
        assertThat(used).as("4,000 promises of half a gigabyte each").isLessThan(64L << 20);
        assertThat(framers).as("all of them are still waiting").doesNotContainNull();
    }

    private static void survive(long seed, int round, Runnable reading) {
        assertThatCode(() -> {
                    try {
                        reading.run();
                    } catch (WireRefusal refusal) {
                        assertThat(refusal.getStackTrace()).isEmpty();
                    }
                })
                .as("seed %d, round %d", seed, round)
                .doesNotThrowAnyException();
    }

    /** Flips, overwrites with troublesome words, cuts, doubles. */
    private static ByteBuf mutate(byte[] bytes, Random random) {
        ByteBuf out = Unpooled.buffer().writeBytes(bytes);
        for (int change = 0; change <= random.nextInt(4); change++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(5)) {
                case 0 -> out.setByte(at, random.nextInt(256));
                case 1 -> out.setByte(at, out.getByte(at) ^ 1 << random.nextInt(8));
                case 2 -> out.setLongLE(at / 8 * 8 % (bytes.length - 7), pointer(random));
                case 3 -> out.writerIndex(Math.min(out.writerIndex(), 8 + at));
                default -> out.writeBytes(bytes, at, bytes.length - at);
            }
        }
        return out;
    }

    /** Pointers to themselves, far away, backwards, and to lists of a billion empty structs. */
    private static long pointer(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> 0xffff_fffcL | 0x0001_0001_0000_0000L;
            case 2 -> 2L | (long) random.nextInt() << 32;
            case 3 -> 1L | 0xffff_fff8_0000_0000L | 7L << 32;
            case 4 -> 1L | ((long) random.nextInt(1 << 29) << 3 | random.nextInt(8)) << 32;
            default -> (long) (random.nextInt(64) - 32) << 2 | random.nextInt(4) | (long) random.nextInt() << 32;
        };
    }

    /** Reads all of whatever it is asked. */
    private static final class Reading implements RpcConnection.Service {
        @Override
        public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
            if (ControlCall.read(interfaceId, method, params) == null) {
                UpdateConfiguration.read(params);
                Withdrawals.read(params);
            }
            reply.results(Body.EMPTY);
        }

        @Override
        public void ended(String reason) {
            assertThat(reason).isNotNull();
        }
    }
}
