package io.sallyport.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class OriginAnswerFilterTest {
    /** When a visitor leaves between the answer's arrival and its write, Spring's hooks for discarded buffers do run twice. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void ofAShortAnswerGivenBackTwiceNothingIsTakenFromOthersInTheSameRead(int pieces) {
        ByteBuf read = Unpooled.buffer().writeBytes(new byte[256]);
        MockServerWebExchange arrived = MockServerWebExchange.from(MockServerHttpRequest.get("/"));
        AccessRecord.begin(arrived, "0123456789abcdef", 1);
        arrived.getResponse().getHeaders().setContentLength(16L * pieces);
        Flux<ByteBuf> body = Flux.range(0, pieces).map(i -> read.retain().slice(16 * i, 16));

        OriginAnswerFilter.write(
                        arrived.mutate()
                                .response(new VisitorWhoLeft(arrived.getResponse()))
                                .build(),
                        body,
                        Mono.empty())
                .block();

        assertThat(read.refCnt()).as("counts of the read that are left").isEqualTo(1);
    }

    private static final class VisitorWhoLeft extends ServerHttpResponseDecorator {
        VisitorWhoLeft(ServerHttpResponse response) {
            super(response);
        }

        @Override
        public DataBufferFactory bufferFactory() {
            return new NettyDataBufferFactory(ByteBufAllocator.DEFAULT);
        }

        @Override
        public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
            return Flux.from(body)
                    .doOnNext(buffer -> {
                        DataBufferUtils.release(buffer);
                        DataBufferUtils.release(buffer);
                    })
                    .then();
        }
    }
}
