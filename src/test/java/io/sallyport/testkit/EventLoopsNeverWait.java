package io.sallyport.testkit;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.blockhound.BlockHound;
import reactor.blockhound.BlockingOperationError;

/**
 * Fails an integration test when anything waits on an event loop (DO-05): BlockHound puts a guard into the JDK's blocking methods,
 * the call fails on the spot, and whoever swallows that is still found out at the end of the class. JUnit finds it by itself.
 */
public final class EventLoopsNeverWait implements BeforeAllCallback, AfterAllCallback {
    private static final Queue<Throwable> WAITED = new ConcurrentLinkedQueue<>();

    /** Installed once for the whole JVM. */
    private static final class Guard {
        static {
            BlockHound.builder()
                    .loadIntegrations()
                    // The JVM reads a class where it is first named, once; and the kernel's random bytes never run out.
                    .allowBlockingCallsInside("java.lang.ClassLoader", "loadClass")
                    .allowBlockingCallsInside("sun.security.provider.NativePRNG$RandomIO", "implNextBytes")
                    // A test that freezes a connector does it so.
                    .allowBlockingCallsInside("io.sallyport.tunnel.TunnelServerIT", "awaitUninterruptibly")
                    .blockingMethodCallback(method -> {
                        BlockingOperationError waited = new BlockingOperationError(method);
                        WAITED.add(waited);
                        throw waited;
                    })
                    .install();
        }

        static void install() {}
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        if (context.getRequiredTestClass().getSimpleName().endsWith("IT")) {
            Guard.install();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (!WAITED.isEmpty()) {
            String where = WAITED.stream()
                    .map(EventLoopsNeverWait::describe)
                    .distinct()
                    .collect(Collectors.joining("\n"));
            WAITED.clear();
            throw new AssertionError("an event loop waited:\n" + where);
        }
    }

    private static String describe(Throwable waited) {
        return waited.getMessage()
                + Stream.of(waited.getStackTrace())
                        .map(frame -> "\n    at " + frame)
                        .collect(Collectors.joining());
    }
}
