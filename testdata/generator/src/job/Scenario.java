package fixture;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A named configuration of the job and what happens to it. */
class Scenario {
    /** What happens, told in the verbs of {@link Session}. */
    interface Script {
        void run(Session session) throws Throwable;
    }

    /** Builds and submits the job. */
    interface Job {
        JobClient submit(StreamExecutionEnvironment env) throws Exception;
    }

    final String name;
    final Script script;
    final Map<String, String> settings = new LinkedHashMap<>();
    RichJob.Shape shape = RichJob.Shape.LEAN;
    private int[] since = {1, 13};

    Scenario(String name, Script script) {
        this.name = name;
        this.script = script;
        settings.putAll(commonSettings());
        retain(1);
    }

    /** The job of most scenarios; others bring their own. */
    Job job() {
        return env -> {
            RichJob.build(env, shape, Session.BASE.resolve("output").toUri().toString());
            return env.executeAsync("fixture job");
        };
    }

    Scenario full() {
        shape = RichJob.Shape.FULL;
        return this;
    }

    Scenario slim() {
        shape = RichJob.Shape.SLIM;
        return this;
    }

    Scenario async() {
        shape = RichJob.Shape.ASYNC;
        return this;
    }

    Scenario since(int major, int minor) {
        since = new int[] {major, minor};
        return this;
    }

    Scenario set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    Scenario backend(String backend) {
        return set("state.backend", backend).set("state.backend.type", backend);
    }

    /** How many checkpoints stay: with more than one, it shows what they share. */
    Scenario retain(int checkpoints) {
        return set("state.checkpoints.num-retained", String.valueOf(checkpoints))
                .set("execution.checkpointing.num-retained", String.valueOf(checkpoints));
    }

    /** For scenarios about savepoints; some releases take the first checkpoint right after the start. */
    Scenario withoutCheckpoints() {
        settings.remove("execution.checkpointing.interval");
        return this;
    }

    Scenario incremental() {
        return set("state.backend.incremental", "true").set("execution.checkpointing.incremental", "true");
    }

    Scenario jobManagerStorage() {
        return set("state.checkpoint-storage", "jobmanager").set("execution.checkpointing.storage", "jobmanager");
    }

    /** State up to this size goes into the metadata file. */
    Scenario inlineUpTo(String size) {
        return set("state.storage.fs.memory-threshold", size)
                .set("execution.checkpointing.data-inline-threshold", size);
    }

    /** In 1.14 the changelog backend is not part of the distribution. */
    Scenario changelog(String storage) {
        return since(1, 15)
                .set("state.backend.changelog.enabled", "true")
                .set("state.changelog.enabled", "true")
                .set("state.backend.changelog.storage", storage)
                .set("state.changelog.storage", storage)
                .set("dstl.dfs.base-path", "file://" + Session.CHANGELOG)
                .set("state.changelog.dstl.dfs.base-path", "file://" + Session.CHANGELOG)
                .materializeEvery("1 h");
    }

    Scenario materializeEvery(String interval) {
        return set("state.backend.changelog.periodic-materialize.interval", interval)
                .set("state.changelog.periodic-materialize.interval", interval);
    }

    boolean runsOn(String release) {
        String[] parts = release.split("\\.");
        int major = Integer.parseInt(parts[0]);
        int minor = Integer.parseInt(parts[1]);
        return major > since[0] || major == since[0] && minor >= since[1];
    }

    /** Keys of old and new releases side by side: each takes those it knows. */
    private static Map<String, String> commonSettings() {
        Map<String, String> settings = new LinkedHashMap<>();
        String checkpoints = "file://" + Session.CHECKPOINTS;
        String temporary = Session.BASE.resolve("tmp").toString();
        settings.put("state.checkpoints.dir", checkpoints);
        settings.put("execution.checkpointing.dir", checkpoints);
        settings.put("state.checkpoint-storage", "filesystem");
        settings.put("execution.checkpointing.storage", "filesystem");
        settings.put("execution.checkpointing.interval", "700 ms");
        settings.put("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        settings.put("execution.checkpointing.checkpoints-after-tasks-finish.enabled", "true");
        settings.put("restart-strategy", "none");
        settings.put("restart-strategy.type", "none");
        settings.put("io.tmp.dirs", temporary);
        settings.put("process.working-dir", temporary);
        // Names of task managers become directory names with file merging.
        settings.put("taskmanager.resource-id", "tm-1");
        settings.put("taskmanager.memory.segment-size", "4 kb");
        settings.put("taskmanager.memory.network.min", "16 mb");
        settings.put("taskmanager.memory.network.max", "16 mb");
        return settings;
    }
}
