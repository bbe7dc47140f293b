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

    Verdict(Pipeline before, Description beforeIds, Pipeline after, Description afterIds) {
        for (Op op : all(before)) {
            JsonNode old = beforeIds.operator(op.name);
            Op heir = heir(old, after, beforeIds, afterIds);
            for (String state : op.stateNames()) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("operator_id", old.get("operator_id").asText());
                one.put("uid", old.path("uid").asText(null));
                one.put("state", state);
                (heir != null && Probe.wasFound(heir.name, state) ? kept : lost).add(one);
            }
        }
    }

    /** The operator of the new job that Flink gives the old one's state to. */
    private static Op heir(JsonNode old, Pipeline after, Description beforeIds, Description afterIds) {
        String id = old.get("operator_id").asText();
        for (Op op : all(after)) {
            JsonNode now = afterIds.operator(op.name);
            if (now == null) {
                continue;
            }
            String hash = now.path("uid_hash").asText(null);
            String bound = hash != null && beforeIds.ids().contains(hash) ? hash : now.path("operator_id").asText(null);
            if (id.equals(bound)) {
                return op;
            }
        }
        return null;
    }

    static List<Op> all(Pipeline pipeline) {
        List<Op> all = new ArrayList<>(pipeline.ops);
        pipeline.ops.forEach(op -> all.addAll(op.secondInput));
        return all;
    }
}
