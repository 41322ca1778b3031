package io.sallyport.demo;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.InetSocketAddressResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Resolves every name to loopback. Browsers do that for names under {@code localhost} (RFC 6761 §6.3); most C libraries do not, and
 * the sample origin runs on them.
 */
final class LocalhostResolver extends AddressResolverGroup<InetSocketAddress> {
    static final LocalhostResolver INSTANCE = new LocalhostResolver();

    private LocalhostResolver() {}

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new InetSocketAddressResolver(executor, new InetNameResolver(executor) {
            @Override
            protected void doResolve(String name, Promise<InetAddress> promise) {
                promise.setSuccess(InetAddress.getLoopbackAddress());
            }

            @Override
            protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
                promise.setSuccess(List.of(InetAddress.getLoopbackAddress()));
            }
        });
    }
}
