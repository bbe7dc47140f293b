package fixture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;

/** What a restored job has got of the states of the job before. */
final class Verdict {
    final List<Object> kept = new ArrayList<>();
    final List<Object> lost = new ArrayList<>();

    Verdict(Base base, Description beforeIds, Pipeline after, Description afterIds) {
        for (Op op : all(base.pipeline.get())) {
            if (op.kind == Op.Kind.FILE_SINK) {
                sink(beforeIds, afterIds);
                continue;
            }
            JsonNode old = beforeIds.operator(op.name);
            List<Op> heirs = heirs(old, after, beforeIds, afterIds);
            for (String state : base.statesOf(op)) {
                boolean found = heirs.stream().anyMatch(heir -> Probe.wasFound(heir.name, state));
                (found ? kept : lost).add(describe(old, state));
            }
        }
    }

    /** Nobody looks into a file sink: all that can be told is that an operator is gone, and its state with it. */
    private void sink(Description beforeIds, Description afterIds) {
        beforeIds.operators(": Writer").forEach(old -> loseWithOperator(old, "writer_raw_states", afterIds));
        beforeIds.operators(": Committer")
                .forEach(old -> loseWithOperator(old, "streaming_committer_raw_states", afterIds));
    }

    private void loseWithOperator(JsonNode old, String state, Description afterIds) {
        if (!afterIds.ids().contains(old.get("operator_id").asText())) {
            lost.add(describe(old, state));
        }
    }

    private static Map<String, Object> describe(JsonNode operator, String state) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("operator_id", operator.get("operator_id").asText());
        one.put("uid", operator.path("uid").asText(null));
        one.put("state", state);
        return one;
    }

    /** The operators of the new job that ask for the old one's state: one has its id, another may have its hash. */
    private static List<Op> heirs(JsonNode old, Pipeline after, Description beforeIds, Description afterIds) {
        List<Op> heirs = new ArrayList<>();
        String id = old.get("operator_id").asText();
        for (Op op : all(after)) {
            JsonNode now = afterIds.operator(op.name);
            if (now == null) {
                continue;
            }
            String hash = now.path("uid_hash").asText(null);
            String bound = hash != null && beforeIds.ids().contains(hash) ? hash : now.path("operator_id").asText(null);
            if (id.equals(bound)) {
                heirs.add(op);
            }
        }
        return heirs;
    }

    static List<Op> all(Pipeline pipeline) {
        List<Op> all = new ArrayList<>(pipeline.ops);
        pipeline.ops.forEach(op -> all.addAll(op.secondInput));
        return all;
    }
}
