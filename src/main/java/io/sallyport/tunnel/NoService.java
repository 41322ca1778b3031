package io.sallyport.tunnel;

import io.sallyport.tunnel.wire.RpcConnection;
import io.sallyport.tunnel.wire.RpcFailure;
import io.sallyport.tunnel.wire.StructIn;

/** Offers no methods to the other end. */
final class NoService implements RpcConnection.Service {
    @Override
    public void called(long interfaceId, int method, StructIn params, RpcConnection.Reply reply) {
        reply.failure(new RpcFailure(RpcFailure.Kind.UNIMPLEMENTED, "no such method"));
    }

    @Override
    public void ended(String reason) {}
}
