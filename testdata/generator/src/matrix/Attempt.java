package fixture;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A job started from a snapshot, run until it has read all its state or failed. */
final class Attempt {
    private static final int SECONDS = 25;
    /** Windows and timers of the first run are long past then. */
    private static final long TEN_DAYS = 864_000_000L;
    private static final Path SCRATCH = Session.BASE.resolve("tmp").resolve("later");

    private final Pipeline pipeline;
    private final Path snapshot;
    private final boolean allowNonRestored;
    Throwable error;
    boolean submitted;
    /** The job runs, but cannot be snapshotted again. */
    Throwable savepointError;

    Attempt(Pipeline pipeline, Path snapshot, boolean allowNonRestored) {
        this.pipeline = pipeline;
        this.snapshot = snapshot;
        this.allowNonRestored = allowNonRestored;
    }

    /** The changelog backend refuses NO_CLAIM: it cannot make the full checkpoint that must follow. */
    String claimMode() {
        return pipeline.changelog() ? "CLAIM" : "NO_CLAIM";
    }

    void run() throws Exception {
        Control.reset();
        Probe.reset();
        Control.shiftTime(TEN_DAYS);
        RestoredJob job = null;
        try {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                    pipeline.parallelism, Configuration.fromMap(settings()));
            Build.build(pipeline, env);
            job = new RestoredJob(env.executeAsync("changed job"), SECONDS);
            submitted = true;
            readEverything(job);
        } catch (Throwable e) {
            error = job == null ? e : job.errorOr(e);
        } finally {
            end(job);
            Session.delete(SCRATCH);
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(pipeline.settings());
        settings.put("execution.savepoint.path", "file://" + snapshot);
        settings.put("execution.savepoint-restore-mode", claimMode());
        settings.put("execution.savepoint.ignore-unclaimed-state", String.valueOf(allowNonRestored));
        settings.put("execution.state-recovery.path", "file://" + snapshot);
        settings.put("execution.state-recovery.claim-mode", claimMode());
        settings.put("execution.state-recovery.ignore-unclaimed-state", String.valueOf(allowNonRestored));
        settings.put("execution.checkpointing.interval", "1 h");
        return settings;
    }

    private void readEverything(RestoredJob job) throws Throwable {
        while (!job.allTasksRun()) {
            job.hasEndedAfter(10);
        }
        Control.raiseLimit(20);
        // Watermarks come a little after the last event.
        for (long before = -1; before != Control.emitted(); ) {
            before = Control.emitted();
            job.hasEndedAfter(200);
        }
        // Behind its barrier every event has been processed; it also reads all keyed state once more.
        try {
            Object format = Reflect.enumConstant("org.apache.flink.core.execution.SavepointFormatType",
                    "forst".equals(pipeline.backend()) ? "NATIVE" : "CANONICAL");
            ((CompletableFuture<?>) Reflect.call(job.client, "triggerSavepoint", "file://" + SCRATCH, format))
                    .get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            savepointError = e;
        }
        job.hasEndedAfter(50);
    }

    private static void end(RestoredJob job) throws Exception {
        try {
            if (job != null) {
                job.end();
            }
        } catch (TimeoutException e) {
            // Of a job that was made to fail, the cluster may be gone for good.
        }
    }
}
