package io.sallyport.http;

import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/**
 * Many address blocks, asked at once: which is the first in the list that holds an address? A binary search over disjoint
 * ranges, however many blocks there are. Immutable.
 *
 * <p>Two blocks are either apart or one inside the other. So one sweep in address order, with the blocks around the current
 * point on a stack, cuts the address space into ranges that each know the smallest list position covering them.
 */
public final class CidrTable {
    private static final Comparator<IpAddress> UNSIGNED = (a, b) -> {
        int high = Long.compareUnsigned(a.high(), b.high());
        return high != 0 ? high : Long.compareUnsigned(a.low(), b.low());
    };

    private final Ranges version4;
    private final Ranges version6;

    private CidrTable(Ranges version4, Ranges version6) {
        this.version4 = version4;
        this.version6 = version6;
    }

    /** Builds a table over blocks of both families. */
    public static CidrTable of(List<Cidr> blocks) {
        List<Numbered> four = new ArrayList<>();
        List<Numbered> six = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            Cidr block = blocks.get(i);
            (block.is4() ? four : six).add(new Numbered(block, i));
        }
        return new CidrTable(Ranges.of(four), Ranges.of(six));
    }

    /** The lowest position in the list whose block holds the address, or -1. */
    public int firstMatch(InetAddress address) {
        IpAddress bits = IpAddress.of(address);
        return (bits.is4() ? version4 : version6).find(bits.high(), bits.low());
    }

    /** Whether any block holds the address. */
    public boolean contains(InetAddress address) {
        return firstMatch(address) >= 0;
    }

    private record Numbered(Cidr block, int position) {}

    /** From {@code (high[i], low[i])} up to the next entry, {@code position[i]} is the answer; -1 for gaps. */
    @SuppressWarnings("ArrayRecordComponent") // private, never compared, never handed out
    private record Ranges(long[] high, long[] low, int[] position) {
        static Ranges of(List<Numbered> blocks) {
            blocks.sort(Comparator.comparing((Numbered n) -> n.block.first(), UNSIGNED)
                    .thenComparing(n -> n.block.last(), UNSIGNED.reversed()));
            Sweep sweep = new Sweep();
            blocks.forEach(sweep::enter);
            return sweep.finish();
        }

        int find(long h, long l) {
            int from = 0;
            int to = position.length - 1;
            while (from <= to) {
                int middle = (from + to) >>> 1;
                int order = Long.compareUnsigned(high[middle], h);
                if (order < 0 || (order == 0 && Long.compareUnsigned(low[middle], l) <= 0)) {
                    from = middle + 1;
                } else {
                    to = middle - 1;
                }
            }
            return to < 0 ? -1 : position[to];
        }
    }

    private static final class Sweep {
        private record Open(IpAddress last, int position) {}

        private final Deque<Open> around = new ArrayDeque<>();
        private final List<IpAddress> starts = new ArrayList<>();
        private final List<Integer> answers = new ArrayList<>();

        void enter(Numbered next) {
            closeBefore(next.block.first());
            int outer = around.isEmpty() ? Integer.MAX_VALUE : around.getFirst().position;
            around.push(new Open(next.block.last(), Math.min(outer, next.position)));
            mark(next.block.first());
        }

        private void closeBefore(IpAddress point) {
            while (!around.isEmpty() && UNSIGNED.compare(around.getFirst().last, point) < 0) {
                close();
            }
        }

        private void close() {
            IpAddress last = around.pop().last;
            long low = last.low() + 1;
            long high = low == 0 ? last.high() + 1 : last.high();
            if (low != 0 || high != 0) {
                mark(new IpAddress(high, low));
            }
        }

        private void mark(IpAddress start) {
            int answer = around.isEmpty() ? -1 : around.getFirst().position;
            if (!starts.isEmpty() && starts.getLast().equals(start)) {
                answers.set(answers.size() - 1, answer);
            } else {
                starts.add(start);
                answers.add(answer);
            }
        }

        Ranges finish() {
            while (!around.isEmpty()) {
                close();
            }
            return new Ranges(
                    starts.stream().mapToLong(IpAddress::high).toArray(),
                    starts.stream().mapToLong(IpAddress::low).toArray(),
                    answers.stream().mapToInt(Integer::intValue).toArray());
        }
    }
}
