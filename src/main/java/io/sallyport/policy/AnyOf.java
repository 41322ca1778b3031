package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.http.CidrTable;
import io.sallyport.identity.Email;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A list of rules of which one suffices: include, or exclude. E-mail, domain and address rules are asked together, each kind by
 * one look-up that still knows which of them came first.
 */
final class AnyOf {
    private static final AnyOf NONE = new AnyOf(List.of(), List.of());

    private final Condition[] conditions;
    private final int[] positions;

    private AnyOf(List<Condition> conditions, List<Integer> positions) {
        this.conditions = conditions.toArray(Condition[]::new);
        this.positions = new int[positions.size()];
        for (int i = 0; i < this.positions.length; i++) {
            this.positions[i] = positions.get(i);
        }
    }

    static AnyOf of(Formula.Rules rules) {
        if (rules.selectors().isEmpty()) {
            return NONE;
        }
        Map<Email, Integer> emails = new HashMap<>();
        Map<String, Integer> domains = new HashMap<>();
        List<Cidr> blocks = new ArrayList<>();
        List<Integer> blockPositions = new ArrayList<>();
        List<Condition> conditions = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < rules.selectors().size(); i++) {
            switch (rules.selectors().get(i)) {
                case Selector.EmailIs(Email email) -> emails.putIfAbsent(email, i);
                case Selector.EmailDomain(String domain) -> domains.putIfAbsent(domain, i);
                case Selector.Ip(Cidr block) -> {
                    blocks.add(block);
                    blockPositions.add(i);
                }
                default -> {
                    conditions.add(rules.conditions().get(i));
                    positions.add(i);
                }
            }
        }
        if (!blocks.isEmpty()) {
            int[] inList = blockPositions.stream().mapToInt(Integer::intValue).toArray();
            conditions.addFirst(new Condition.FirstBlock(CidrTable.of(blocks), inList));
            positions.addFirst(inList[0]);
        }
        if (!domains.isEmpty()) {
            conditions.addFirst(new Condition.FirstDomain(domains));
            positions.addFirst(first(domains));
        }
        if (!emails.isEmpty()) {
            conditions.addFirst(new Condition.FirstEmail(emails));
            positions.addFirst(first(emails));
        }
        return new AnyOf(conditions, positions);
    }

    private static int first(Map<?, Integer> positions) {
        int first = Integer.MAX_VALUE;
        for (int position : positions.values()) {
            first = Math.min(first, position);
        }
        return first;
    }

    int possible(Evaluation evaluation) {
        int possible = Possible.FALSE;
        for (Condition condition : conditions) {
            possible = Possible.or(possible, condition.possible(evaluation));
            if (possible == Possible.TRUE) {
                break;
            }
        }
        return possible;
    }

    /** The first rule that is true for certain; when there is none, the first that is not false for certain; else -1. */
    int deciding(Evaluation evaluation) {
        int first = Integer.MAX_VALUE;
        int unsettled = Integer.MAX_VALUE;
        for (int i = 0; i < conditions.length; i++) {
            int possible = conditions[i].possible(evaluation);
            if (possible == Possible.TRUE) {
                first = Math.min(first, position(i, evaluation));
            } else if (possible != Possible.FALSE) {
                unsettled = Math.min(unsettled, positions[i]);
            }
        }
        int deciding = first == Integer.MAX_VALUE ? unsettled : first;
        return deciding == Integer.MAX_VALUE ? -1 : deciding;
    }

    private int position(int i, Evaluation evaluation) {
        return conditions[i] instanceof Condition.Merged merged ? merged.firstTrue(evaluation) : positions[i];
    }
}
