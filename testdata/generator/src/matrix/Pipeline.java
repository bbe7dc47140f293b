package fixture;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A job as a line of operators, with the settings it runs with. Variants are made by changing one of these. */
final class Pipeline {
    final List<Op> ops = new ArrayList<>();
    final Scenario scenario = new Scenario("", session -> {})
            .backend("hashmap").inlineUpTo("1 mb").withoutCheckpoints().set("pipeline.auto-watermark-interval", "20 ms");
    int parallelism = 2;
    int maxParallelism;
    boolean chaining = true;
    /** Which version of the model classes it is compiled with, see {@link Models}. */
    String model = Models.OLD;

    Pipeline then(Op op) {
        ops.add(op);
        return this;
    }

    Pipeline then(String name, Op.Kind kind) {
        return then(new Op(name, kind));
    }

    Op op(String name) {
        for (Op op : ops) {
            if (op.name.equals(name)) {
                return op;
            }
            for (Op second : op.secondInput) {
                if (second.name.equals(name)) {
                    return second;
                }
            }
        }
        throw new IllegalArgumentException("no operator " + name);
    }

    Pipeline change(String name, Consumer<Op> change) {
        change.accept(op(name));
        return this;
    }

    Pipeline insertBefore(String name, Op op) {
        ops.add(ops.indexOf(op(name)), op);
        return this;
    }

    Pipeline without(String name) {
        ops.remove(op(name));
        return this;
    }

    Pipeline withoutUids() {
        ops.forEach(op -> op.uid = null);
        return this;
    }

    Pipeline parallelism(int to) {
        parallelism = to;
        return this;
    }

    Pipeline maxParallelism(int to) {
        maxParallelism = to;
        return this;
    }

    Pipeline unchained() {
        chaining = false;
        return this;
    }

    Pipeline model(String version) {
        model = version;
        return this;
    }

    Pipeline configure(Consumer<Scenario> change) {
        change.accept(scenario);
        return this;
    }

    Map<String, String> settings() {
        Map<String, String> settings = new java.util.LinkedHashMap<>(scenario.settings);
        settings.put("pipeline.classpaths", Models.directory(model).toUri().toString());
        return settings;
    }

    String backend() {
        return scenario.settings.get("state.backend");
    }

    boolean changelog() {
        return scenario.settings.containsKey("state.changelog.enabled");
    }
}
