package io.sallyport.testkit;

import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;

/** What this process still holds. */
public final class Heap {
    private Heap() {}

    /** Objects of exactly this class that something still refers to, after a full collection. */
    public static long count(String className) {
        return count(List.of(className)).get(className);
    }

    /** The same of several classes, after one collection for all of them. */
    public static Map<String, Long> count(List<String> classNames) {
        Map<String, Long> counts = new HashMap<>();
        classNames.forEach(name -> counts.put(name, 0L));
        histogram()
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields.length >= 4 && counts.containsKey(fields[3]))
                .forEach(fields -> counts.merge(fields[3], Long.parseLong(fields[1]), Long::sum));
        return counts;
    }

    private static String histogram() {
        try {
            return (String) ManagementFactory.getPlatformMBeanServer()
                    .invoke(
                            new ObjectName("com.sun.management:type=DiagnosticCommand"),
                            "gcClassHistogram",
                            new Object[] {new String[0]},
                            new String[] {String[].class.getName()});
        } catch (JMException e) {
            throw new IllegalStateException(e);
        }
    }
}
