package fixture;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The verbs a scenario is written in: start the job, feed it, take snapshots, end it. */
final class Session {
    /** A neutral place: paths in the fixtures begin with its default. */
    static final Path BASE = Paths.get(System.getProperty("fixture.base", "/data/flink"));
    static final Path CHECKPOINTS = BASE.resolve("checkpoints");
    static final Path SAVEPOINTS = BASE.resolve("savepoints");
    static final Path CHANGELOG = BASE.resolve("changelog");

    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final String FORMAT_TYPE = "org.apache.flink.core.execution.SavepointFormatType";

    private final Map<String, String> settings;
    private final Scenario.Job graph;
    private JobClient job;

    Session(Map<String, String> settings, Scenario.Job graph) {
        this.settings = settings;
        this.graph = graph;
    }

    void start() throws Exception {
        start(Collections.emptyMap());
    }

    void startFrom(Path snapshot, String claimMode) throws Exception {
        Map<String, String> restore = new HashMap<>();
        restore.put("execution.savepoint.path", "file://" + snapshot);
        restore.put("execution.savepoint-restore-mode", claimMode);
        restore.put("execution.state-recovery.path", "file://" + snapshot);
        restore.put("execution.state-recovery.claim-mode", claimMode);
        start(restore);
    }

    private void start(Map<String, String> more) throws Exception {
        Map<String, String> all = new HashMap<>(settings);
        all.putAll(more);
        Control.reset();
        Configuration configuration = Configuration.fromMap(all);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(RichJob.PARALLELISM, configuration);
        if ("jobmanager".equals(settings.get("execution.checkpointing.storage"))) {
            Compat.useJobManagerStorage(env, "file://" + CHECKPOINTS);
        }
        job = graph.submit(env);
        await("the job runs", () -> status() == JobStatus.RUNNING);
    }

    /** Lets each source split emit so many more events and waits until the keyed operator has seen them. */
    void emit(int eventsPerSplit) throws Exception {
        emit(eventsPerSplit, RichJob.PARALLELISM);
    }

    void emit(int eventsPerSplit, int splits) throws Exception {
        long expected = Control.processed() + (long) eventsPerSplit * splits;
        Control.raiseLimit(eventsPerSplit);
        await("events are processed", () -> Control.processed() >= expected);
    }

    /** The same for a job of any shape: waits for the sources only, snapshots are behind their events anyway. */
    void feed(int eventsPerSplit, int splits) throws Exception {
        await("all tasks run", this::allTasksRun);
        long expected = Control.emitted() + (long) eventsPerSplit * splits;
        Control.raiseLimit(eventsPerSplit);
        await("events are emitted", () -> Control.emitted() >= expected);
    }

    /** More events than the slow keyed operator can take: buffers fill up. */
    void flood(int eventsPerSplit) {
        Control.slowDown();
        Control.raiseLimit(eventsPerSplit);
    }

    void awaitNextCheckpoint() throws Exception {
        long newest = newestCheckpoint();
        await("a checkpoint completes", () -> newestCheckpoint() > newest);
    }

    /** Emits a little before each checkpoint, so that incremental ones have something to add. */
    void checkpoints(int count) throws Exception {
        for (int i = 0; i < count; i++) {
            emit(30);
            awaitNextCheckpoint();
        }
    }

    /** A checkpoint asked for by hand; the type is CONFIGURED, FULL or INCREMENTAL. */
    void requestCheckpoint(String type) throws Throwable {
        // The job client has no such verb, the cluster behind it has.
        Object cluster = Reflect.fieldIfPresent(job, "miniCluster");
        Object typeValue = Reflect.enumConstant("org.apache.flink.core.execution.CheckpointType", type);
        Object future = Reflect.call(cluster, "triggerCheckpoint", job.getJobID(), typeValue);
        ((CompletableFuture<?>) future).get(PATIENCE.getSeconds(), TimeUnit.SECONDS);
    }

    void finishEvents(int split) {
        Control.finish(RichJob.EVENTS, split);
    }

    void finishRules() {
        Control.finish(RichJob.RULES, 0);
    }

    /** The format is null before 1.15, where there was no choice. */
    Path savepoint(String format) throws Throwable {
        Object future = format == null
                ? Reflect.call(job, "triggerSavepoint", "file://" + SAVEPOINTS)
                : Reflect.call(job, "triggerSavepoint", "file://" + SAVEPOINTS, formatType(format));
        return savepointPath(future);
    }

    Path stop(boolean drain, String format) throws Throwable {
        Object future = format == null
                ? Reflect.call(job, "stopWithSavepoint", drain, "file://" + SAVEPOINTS)
                : Reflect.call(job, "stopWithSavepoint", drain, "file://" + SAVEPOINTS, formatType(format));
        Path path = savepointPath(future);
        awaitEnd();
        return path;
    }

    void cancel() throws Exception {
        // The metadata file is written shortly before the coordinator counts the checkpoint as completed.
        Thread.sleep(250);
        job.cancel().get(PATIENCE.getSeconds(), TimeUnit.SECONDS);
        awaitEnd();
    }

    /** Ends whatever still runs; for scenarios that failed half-way. */
    void abandon() {
        if (job != null) {
            try {
                cancel();
            } catch (Exception e) {
                System.err.println("could not cancel: " + e);
            }
        }
    }

    Path newestCheckpointDirectory() {
        long newest = newestCheckpoint();
        return completedCheckpoints().stream()
                .filter(directory -> checkpointNumber(directory) == newest)
                .findFirst()
                .orElseThrow(IllegalStateException::new);
    }

    private long newestCheckpoint() {
        return completedCheckpoints().stream().mapToLong(Session::checkpointNumber).max().orElse(0);
    }

    private static long checkpointNumber(Path directory) {
        return Long.parseLong(directory.getFileName().toString().substring("chk-".length()));
    }

    private List<Path> completedCheckpoints() {
        File[] directories = CHECKPOINTS.resolve(job.getJobID().toString()).toFile().listFiles();
        return Arrays.stream(directories == null ? new File[0] : directories)
                .map(File::toPath)
                .filter(directory -> Files.exists(directory.resolve("_metadata")))
                .collect(Collectors.toList());
    }

    private static Object formatType(String format) {
        return Reflect.enumConstant(FORMAT_TYPE, format);
    }

    private static Path savepointPath(Object future) throws Exception {
        Object path = ((CompletableFuture<?>) future).get(PATIENCE.getSeconds(), TimeUnit.SECONDS);
        return Paths.get(path.toString().replaceFirst("^file:/*", "/"));
    }

    private boolean allTasksRun() {
        try {
            return Tasks.allRun(job);
        } catch (Throwable e) {
            // A job that fails takes its cluster with it; the status tells.
            return false;
        }
    }

    void awaitFinishedTasks(int count) throws Exception {
        await("tasks finish", () -> {
            try {
                return Tasks.finished(job) >= count;
            } catch (Throwable e) {
                return false;
            }
        });
    }

    private JobStatus status() {
        try {
            return job.getJobStatus().get(PATIENCE.getSeconds(), TimeUnit.SECONDS);
        } catch (Exception e) {
            // The local cluster goes away together with its job.
            return JobStatus.FINISHED;
        }
    }

    private void awaitEnd() throws Exception {
        await("the job ends", () -> status().isGloballyTerminalState());
        job = null;
        // Files of the last checkpoint are removed in the background.
        Thread.sleep(500);
    }

    private void await(String what, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("waited in vain until " + what);
            }
            if (job != null && status() == JobStatus.FAILED) {
                throw new IllegalStateException("the job failed while waiting until " + what);
            }
            Thread.sleep(10);
        }
    }

    static void clear() {
        for (Path directory : Arrays.asList(CHECKPOINTS, SAVEPOINTS, CHANGELOG, BASE.resolve("output"))) {
            delete(directory);
        }
    }

    static void delete(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(root)) {
            for (Path path : tree.sorted(Collections.reverseOrder()).collect(Collectors.toList())) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
