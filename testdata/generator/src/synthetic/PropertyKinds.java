package fixture;

import java.util.LinkedHashMap;
import java.util.Map;

/** Each kind of checkpoint properties that Flink itself makes. */
final class PropertyKinds {
    private static final String CHECKPOINT = "org.apache.flink.runtime.checkpoint.";

    private PropertyKinds() {}

    /** Empty for releases that do not store them (before 1.16). */
    static Map<String, Object> all() throws Throwable {
        Map<String, Object> kinds = new LinkedHashMap<>();
        Class<?> metadata = Reflect.exists(CHECKPOINT + "metadata.CheckpointMetadata")
                ? Reflect.type(CHECKPOINT + "metadata.CheckpointMetadata")
                : null;
        if (metadata == null || !Reflect.hasMethod(metadata, "getCheckpointProperties")) {
            return kinds;
        }
        Class<?> properties = Reflect.type(CHECKPOINT + "CheckpointProperties");
        for (String policy : new String[] {
            "NEVER_RETAIN_AFTER_TERMINATION", "RETAIN_ON_FAILURE", "RETAIN_ON_CANCELLATION"
        }) {
            Object value = Reflect.enumConstant(CHECKPOINT + "CheckpointRetentionPolicy", policy);
            String name = policy.startsWith("NEVER") ? "never-retained"
                    : "retained-" + policy.substring("RETAIN_".length()).toLowerCase().replace('_', '-');
            kinds.put(name, Reflect.callStatic(properties, "forCheckpoint", value));
        }
        // Requested by hand. A restore without claim forces full checkpoints too, but stores "Checkpoint".
        Object full = Reflect.type(CHECKPOINT + "CheckpointType").getField("FULL_CHECKPOINT").get(null);
        kinds.put("full-checkpoint",
                Reflect.create(properties, false, full, true, true, false, false, false, false));
        for (String format : new String[] {"CANONICAL", "NATIVE"}) {
            Object value = Reflect.enumConstant("org.apache.flink.core.execution.SavepointFormatType", format);
            String suffix = "-" + format.toLowerCase();
            kinds.put("savepoint" + suffix, Reflect.callStatic(properties, "forSavepoint", true, value));
            kinds.put("suspend" + suffix, Reflect.callStatic(properties, "forSyncSavepoint", true, false, value));
            kinds.put("terminate" + suffix, Reflect.callStatic(properties, "forSyncSavepoint", true, true, value));
        }
        kinds.put("savepoint-not-forced", Reflect.callStatic(properties, "forSavepoint", false,
                Reflect.enumConstant("org.apache.flink.core.execution.SavepointFormatType", "CANONICAL")));
        kinds.put("unclaimed", Reflect.callStatic(properties, "forUnclaimedSnapshot"));
        return kinds;
    }
}
