package io.sallyport.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Many keep-alive connections that send mixed requests, several at once, in pieces of any size, and end some of their connections
 * half-way. Every request has its answer, in order, or its connection ends: {@link #lost} says which did not.
 */
public final class AnswerStorm {
    private static final int MOST_AT_ONCE = 6;

    /** A lost answer never comes; one that stands in line for a busy machine's processor does. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final int port;
    private final List<Call> calls;
    private final AtomicLong answers = new AtomicLong();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();

    /**
     * A request and what its answer is like.
     *
     * @param request all its bytes, one a character
     */
    public record Call(String request, Predicate<RawHttp.Response> answer) {
        /** A request whose answer has this status. */
        public static Call answered(int status, String request) {
            return new Call(request, response -> response.status() == status);
        }
    }

    /** @param port of the listener */
    public AnswerStorm(int port, List<Call> calls) {
        this.port = port;
        this.calls = List.copyOf(calls);
    }

    /** Sends at least so many requests over so many connections at once, and waits for the end of it. */
    public void rage(int connections, int requests) {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            SplittableRandom random = new SplittableRandom(i);
            threads.add(Thread.ofVirtual().start(() -> {
                for (int sent = 0; sent < requests / connections; ) {
                    sent += connection(random);
                }
            }));
        }
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** How many answers there were. */
    public long answers() {
        return answers.get();
    }

    /** What was not answered, or not as it should be. */
    public List<String> lost() {
        return List.copyOf(lost);
    }

    private int connection(SplittableRandom random) {
        int sent = 0;
        try (RawHttp http = RawHttp.connect(port).patient(PATIENCE)) {
            for (int batch = random.nextInt(1, 20); batch > 0; batch--) {
                List<Call> some = random.ints(random.nextInt(1, MOST_AT_ONCE), 0, calls.size())
                        .mapToObj(calls::get)
                        .toList();
                send(http, some, random);
                sent += some.size();
                boolean leaves = batch == 1 && random.nextInt(4) == 0;
                if (leaves) {
                    http.finish();
                }
                for (Call call : some) {
                    RawHttp.Response response = http.tryResponse();
                    if (leaves && response == null) {
                        return sent; // who stops half-way may be left without the rest, but not with an open connection
                    }
                    judge(call, response);
                }
            }
        } catch (RuntimeException | AssertionError failed) {
            lost.add(failed.toString());
        }
        return Math.max(1, sent);
    }

    private static void send(RawHttp http, List<Call> some, SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        some.forEach(call -> text.append(call.request()));
        int pieces = random.nextInt(1, 4);
        int piece = text.length() / pieces + 1;
        for (int from = 0; from < text.length(); from += piece) {
            http.send(text.substring(from, Math.min(text.length(), from + piece)));
        }
    }

    private void judge(Call call, RawHttp.@Nullable Response response) {
        if (response == null) {
            lost.add("closed instead of an answer to " + firstLine(call));
        } else if (call.answer().test(response)) {
            answers.incrementAndGet();
        } else {
            lost.add(response.status() + " " + response.text() + " to " + firstLine(call));
        }
    }

    private static String firstLine(Call call) {
        return call.request().substring(0, call.request().indexOf('\r'));
    }
}
