package io.sallyport.testkit;

import java.util.List;
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
                    // Netty's allocator has locks that are held over a few instructions.
                    .allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator", "allocate")
                    .allowBlockingCallsInside("io.netty.buffer.AdaptivePoolingAllocator$Magazine", "free")
                    // A test that freezes a connector does it so.
                    .allowBlockingCallsInside("io.sallyport.tunnel.TunnelServerIT", "awaitUninterruptibly")
                    .blockingMethodCallback(method -> {
                        if (isNoWaiting()) {
                            return;
                        }
                        BlockingOperationError waited = new BlockingOperationError(method);
                        WAITED.add(waited);
                        throw waited;
                    })
                    .install();
        }

        static void install() {}

        /**
         * What happens once in a JVM, wherever something is first used: a class is initialised, the JDK reads a file of its own
         * without one of ours asking for it. And two threads that meet at a lock, as in any queue: who holds it does not wait.
         */
        private static boolean isNoWaiting() {
            List<StackWalker.StackFrame> stack = StackWalker.getInstance().walk(Stream::toList);
            return stack.stream().anyMatch(frame -> frame.getMethodName().equals("<clinit>") || isLock(frame))
                    || readsAFile(stack) && !isOurs(callerOfTheJdk(stack));
        }

        private static boolean isLock(StackWalker.StackFrame frame) {
            return frame.getMethodName().equals("lock")
                    && frame.getClassName().startsWith("java.util.concurrent.locks.Reentrant");
        }

        private static boolean readsAFile(List<StackWalker.StackFrame> stack) {
            return stack.stream()
                    .anyMatch(frame -> frame.getClassName().equals("java.io.FileInputStream")
                            || frame.getClassName().equals("java.io.RandomAccessFile"));
        }

        private static String callerOfTheJdk(List<StackWalker.StackFrame> stack) {
            return stack.stream()
                    .map(StackWalker.StackFrame::getClassName)
                    .filter(name -> !name.matches("(java|javax|jdk|sun|com\\.sun|reactor\\.blockhound)\\..*")
                            && !name.startsWith(EventLoopsNeverWait.class.getName()))
                    .findFirst()
                    .orElse("");
        }

        /** Netty's handshakes are where the JDK finds its own files; everybody else who reads a file means it. */
        private static boolean isOurs(String caller) {
            return !caller.startsWith("io.netty.");
        }
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
