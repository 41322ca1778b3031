package io.sallyport.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Finding the application of a request: the figures must not depend on how many there are (PN-07). */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@State(Scope.Thread)
public class HostTableBenchmark {
    @Param({"1", "100", "10000"})
    int applications;

    private HostTable<Integer> table;
    private HostName[] hosts;
    private HostName[] previews;
    private HostName unknown;
    private int turn;

    @Setup
    public void fill() {
        List<HostTable.Entry<Integer>> entries = new ArrayList<>();
        hosts = new HostName[applications];
        previews = new HostName[applications];
        for (int i = 0; i < applications; i++) {
            entries.add(new HostTable.Entry<>(UrlPattern.parse("app" + i + ".example.com"), i, i));
            entries.add(new HostTable.Entry<>(UrlPattern.parse("app" + i + ".example.com/admin/*"), i, -i));
            entries.add(new HostTable.Entry<>(UrlPattern.parse("pr" + i + "-*.preview.example.com"), i, i));
            hosts[i] = new HostName("app" + i + ".example.com");
            previews[i] = new HostName("pr" + i + "-feature.preview.example.com");
        }
        unknown = new HostName("nobody.example.org");
        table = HostTable.of(entries);
    }

    /** Every application in turn, so that all of the table is used. */
    @Benchmark
    public Optional<Integer> literalHost() {
        return table.find(hosts[next()], "/admin/users/17");
    }

    @Benchmark
    public Optional<Integer> wildcardHost() {
        return table.find(previews[next()], "/admin/users/17");
    }

    @Benchmark
    public Optional<Integer> unknownHost() {
        return table.find(unknown, "/admin/users/17");
    }

    private int next() {
        turn = turn + 1 == applications ? 0 : turn + 1;
        return turn;
    }
}
