package io.sallyport.policy;

import io.sallyport.http.Cidr;
import io.sallyport.http.CidrTable;
import io.sallyport.identity.Email;
import io.sallyport.identity.ServiceTokenId;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One compiled rule, or several of a kind asked at once. Answers with a set of {@link Possible} truth values. */
sealed interface Condition {
    int possible(Evaluation evaluation);

    /** Several rules of one list in one look-up. */
    sealed interface Merged extends Condition {
        /** The position in the list of the first rule that is true, -1 when none is known to be. */
        int firstTrue(Evaluation evaluation);

        @Override
        default int possible(Evaluation evaluation) {
            return firstTrue(evaluation) >= 0 ? Possible.TRUE : Possible.FALSE;
        }
    }

    /** The same for everybody. */
    record Constant(int value) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            return value;
        }
    }

    record EmailAmong(Set<Email> emails) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            Email email = evaluation.email();
            return email == null ? Possible.EITHER : Possible.of(emails.contains(email));
        }
    }

    record FirstEmail(Map<Email, Integer> positions) implements Merged {
        @Override
        public int firstTrue(Evaluation evaluation) {
            Email email = evaluation.email();
            return email == null ? -1 : position(positions.get(email));
        }

        @Override
        public int possible(Evaluation evaluation) {
            return evaluation.personKnown() ? Merged.super.possible(evaluation) : Possible.EITHER;
        }
    }

    record FirstDomain(Map<String, Integer> positions) implements Merged {
        @Override
        public int firstTrue(Evaluation evaluation) {
            String domain = evaluation.domain();
            return domain == null ? -1 : position(positions.get(domain));
        }

        @Override
        public int possible(Evaluation evaluation) {
            return evaluation.personKnown() ? Merged.super.possible(evaluation) : Possible.EITHER;
        }
    }

    /** @param positions of the blocks in the rule list, in the table's order */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record FirstBlock(CidrTable blocks, int[] positions) implements Merged {
        @Override
        public int firstTrue(Evaluation evaluation) {
            int block = blocks.firstMatch(evaluation.request().client());
            return block < 0 ? -1 : positions[block];
        }
    }

    record InBlock(Cidr block) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            return Possible.of(block.contains(evaluation.request().client()));
        }
    }

    record InBlocks(CidrTable blocks) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            return Possible.of(blocks.contains(evaluation.request().client()));
        }
    }

    record FromCountry(String code) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            String country = evaluation.request().country();
            return country == null ? Possible.UNDECIDED : Possible.of(country.equals(code));
        }
    }

    /** @param token null for any */
    record HasServiceToken(@Nullable ServiceTokenId token) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            var service = evaluation.request().service();
            return Possible.of(service != null
                    && !service.isWorkload()
                    && (token == null || service.id().equals(token)));
        }
    }

    /** A workload of the issuer whose token has, for each claim, one of the values; a list of values has one that fits. */
    record IsWorkload(Selector.Workload wanted) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            var service = evaluation.request().service();
            if (service == null || service.claims() == null || !service.id().equals(wanted.issuer())) {
                return Possible.FALSE;
            }
            Map<String, Object> claims = service.claims();
            return Possible.of(wanted.claims().entrySet().stream()
                    .allMatch(each -> fits(claims.get(each.getKey()), each.getValue())));
        }

        private static boolean fits(@Nullable Object claim, Set<String> values) {
            return switch (claim) {
                case String text -> values.contains(text);
                case Number number -> values.contains(number.toString());
                case Boolean flag -> values.contains(flag.toString());
                case Collection<?> several -> several.stream().anyMatch(each -> fits(each, values));
                case null, default -> false;
            };
        }
    }

    /** @param commonName null for any */
    record HasCertificate(@Nullable String commonName) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            var certificate = evaluation.request().certificate();
            return Possible.of(certificate != null
                    && (commonName == null || certificate.commonName().equals(commonName)));
        }
    }

    record Login(Selector.LoginFact fact, FactSet set, int index) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            return evaluation.fact(fact, set, index);
        }
    }

    /**
     * An Access group. A group that names groups may be reachable on many ways, exponentially many in the worst case, so its
     * value is remembered.
     *
     * @param ordinal where to remember it, -1 for groups without groups
     */
    record Group(String name, Formula formula, int ordinal) implements Condition {
        @Override
        public int possible(Evaluation evaluation) {
            if (ordinal < 0) {
                return formula.possible(evaluation);
            }
            int known = evaluation.remembered(ordinal);
            if (known == 0) {
                known = formula.possible(evaluation);
                evaluation.remember(ordinal, known);
            }
            return known;
        }
    }

    private static int position(@Nullable Integer found) {
        return found == null ? -1 : found;
    }
}
