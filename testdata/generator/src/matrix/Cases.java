package fixture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** All variants and all restores. */
final class Cases {
    final Map<String, Supplier<Pipeline>> variants = new LinkedHashMap<>();
    final List<Case> cases = new ArrayList<>();
    private final Map<String, Base> bases;

    Cases(Map<String, Base> bases) {
        this.bases = bases;
    }

    boolean hasBase(String name) {
        return bases.containsKey(name);
    }

    static int splits(Pipeline pipeline) {
        int splits = 0;
        for (Op op : pipeline.ops) {
            splits += op.kind == Op.Kind.SOURCE ? pipeline.parallelism : 0;
            // The source of the rules.
            splits += op.kind == Op.Kind.BROADCAST ? 1 : 0;
        }
        return splits;
    }

    /** The job of the base with a change, restored as it is. */
    Cases strict(String base, String change, Consumer<Pipeline> apply) {
        return add(base, change, apply, false);
    }

    /** Twice: as it is, and with allowNonRestoredState. */
    Cases both(String base, String change, Consumer<Pipeline> apply) {
        return add(base, change, apply, false).add(base, change, apply, true);
    }

    /** Another job altogether. */
    Cases job(String base, String change, Supplier<Pipeline> job) {
        return register(base, base + "-" + change, job, false, null);
    }

    Cases damaged(String base, String what, Damage damage) {
        return register(base, base + "-same", () -> bases.get(base).pipeline.get(), false, damage.named(what));
    }

    /** A snapshot of another release; does nothing at that release itself. */
    Cases from(String release, String own, String base) {
        String name = base + "-of-" + release;
        boolean known = cases.stream().anyMatch(one -> one.name.equals(name));
        // The changelog is in the distribution since 1.15.
        boolean exists = !(release.startsWith("1.14") && base.startsWith("changelog"));
        if (!release.equals(own) && !known && exists) {
            variants.putIfAbsent(base + "-same", () -> bases.get(base).pipeline.get());
            cases.add(new Case(name, release, base, base + "-same", false, null));
        }
        return this;
    }

    private Cases add(String base, String change, Consumer<Pipeline> apply, boolean allow) {
        return register(base, base + "-" + change, () -> {
            Pipeline pipeline = bases.get(base).pipeline.get();
            apply.accept(pipeline);
            return pipeline;
        }, allow, null);
    }

    private Cases register(String base, String variant, Supplier<Pipeline> job, boolean allow, Damage damage) {
        if (bases.containsKey(base)) {
            variants.putIfAbsent(variant, job);
            String name = damage == null ? variant : base + "-" + damage.name();
            cases.add(new Case(name + (allow ? "-allow" : ""), null, base, variant, allow, damage));
        }
        return this;
    }
}
