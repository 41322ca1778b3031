package io.sallyport.testkit;

import java.util.random.RandomGenerator;

/** Good texts with something wrong in them, for readers of hostile input (SU-04). */
public final class Bent {
    private static final String TROUBLE = "\0\t\r\n \"'\\/;=,.:%&{}[]-_+0eé\u2028\uD800";

    private Bent() {}

    /** Up to four changes: a character flipped or replaced, a piece cut, doubled or moved. */
    public static String text(String good, RandomGenerator random) {
        StringBuilder bent = new StringBuilder(good);
        for (int changes = 1 + random.nextInt(4); changes > 0 && !bent.isEmpty(); changes--) {
            int at = random.nextInt(bent.length());
            int end = Math.min(bent.length(), at + 1 + random.nextInt(20));
            switch (random.nextInt(5)) {
                case 0 -> bent.setCharAt(at, (char) (bent.charAt(at) ^ 1 << random.nextInt(7)));
                case 1 -> bent.setCharAt(at, TROUBLE.charAt(random.nextInt(TROUBLE.length())));
                case 2 -> bent.delete(at, end);
                case 3 -> bent.insert(at, bent.substring(at, end));
                default -> bent.insert(random.nextInt(bent.length()), bent.substring(at, end));
            }
        }
        return bent.toString();
    }
}
