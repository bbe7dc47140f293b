package fixture;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One attempt to start a scenario's job from a snapshot. */
final class Restore {
    private static final int SECONDS = 30;
    private static final Path SCRATCH = Session.BASE.resolve("tmp").resolve("reread");

    private final Scenario scenario;
    private final Path snapshot;
    private CompletableFuture<?> result;

    Restore(Scenario scenario, Path snapshot) {
        this.scenario = scenario;
        this.snapshot = snapshot;
    }

    /** Null if the job runs and has read all its state, else the first line of the innermost error. */
    String attempt() throws Exception {
        Control.reset();
        JobClient job = null;
        try {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                    RichJob.PARALLELISM, Configuration.fromMap(settings()));
            RichJob.build(env, scenario.shape, Session.BASE.resolve("output").toUri().toString());
            job = env.executeAsync("restored job");
            result = job.getJobExecutionResult();
            readEverything(job);
            return null;
        } catch (Throwable e) {
            return firstLine(job == null ? e : jobErrorOr(e));
        } finally {
            end(job);
            Session.delete(SCRATCH);
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(scenario.settings);
        settings.put("execution.savepoint.path", "file://" + snapshot);
        settings.put("execution.savepoint-restore-mode", claimMode());
        settings.put("execution.state-recovery.path", "file://" + snapshot);
        settings.put("execution.state-recovery.claim-mode", claimMode());
        // None but the savepoint below: a failing checkpoint would only blur the picture.
        settings.put("execution.checkpointing.interval", "1 h");
        return settings;
    }

    /** The changelog backend refuses NO_CLAIM: it cannot make the full checkpoint that must follow. */
    String claimMode() {
        return scenario.settings.containsKey("state.changelog.enabled") ? "CLAIM" : "NO_CLAIM";
    }

    private void readEverything(JobClient job) throws Throwable {
        // A task runs only after its backends have opened all their files.
        while (!allTasksRun(job)) {
            pause();
        }
        // The events touch every key.
        Control.raiseLimit(30);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (Control.processed() < 30L * RichJob.PARALLELISM) {
            pause();
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("the restored job stands still");
            }
        }
        if (scenario.settings.get("state.backend").equals("forst")) {
            // ForSt has no canonical savepoints.
            return;
        }
        // A canonical savepoint iterates over all keyed state.
        String target = "file://" + SCRATCH;
        boolean choice = Reflect.exists("org.apache.flink.core.execution.SavepointFormatType");
        Object format = choice
                ? Reflect.enumConstant("org.apache.flink.core.execution.SavepointFormatType", "CANONICAL")
                : null;
        Object savepoint = choice
                ? Reflect.call(job, "triggerSavepoint", target, format)
                : Reflect.call(job, "triggerSavepoint", target);
        ((CompletableFuture<?>) savepoint).get(SECONDS, TimeUnit.SECONDS);
    }

    private boolean allTasksRun(JobClient job) throws Throwable {
        if (result.isDone()) {
            return false;
        }
        Object cluster = Reflect.fieldIfPresent(job, "miniCluster");
        Object future = Reflect.call(cluster, "getExecutionGraph", job.getJobID());
        AccessExecutionGraph graph =
                (AccessExecutionGraph) ((CompletableFuture<?>) future).get(SECONDS, TimeUnit.SECONDS);
        for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
            if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    /** Throws the job's own error as soon as there is one. */
    private void pause() throws Exception {
        try {
            result.get(10, TimeUnit.MILLISECONDS);
            throw new IllegalStateException("the restored job has ended");
        } catch (TimeoutException e) {
            // It still runs.
        }
    }

    /** Asking a cluster that goes away with its failed job brings other errors than the job's. */
    private Throwable jobErrorOr(Throwable other) {
        try {
            result.get(1, TimeUnit.SECONDS);
            return other;
        } catch (ExecutionException e) {
            return e;
        } catch (Exception e) {
            return other;
        }
    }

    private void end(JobClient job) throws Exception {
        if (job == null) {
            return;
        }
        try {
            if (!result.isDone()) {
                job.cancel().get(SECONDS, TimeUnit.SECONDS);
            }
            result.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | IllegalStateException e) {
            // How a cancelled or failed job ends, or its cluster has just gone.
        }
    }

    private static String firstLine(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        // A serialized cause carries its stack trace as its message.
        return cause.getClass().getSimpleName() + ": " + message.split("\n", 2)[0].replace('\t', ' ');
    }
}
