package fixture;

import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One attempt to start a scenario's job from a snapshot. */
final class Restore {
    private static final int SECONDS = 30;
    private static final Path SCRATCH = Session.BASE.resolve("tmp").resolve("reread");

    private final Scenario scenario;
    private final Path snapshot;
    private String stateRead;

    Restore(Scenario scenario, Path snapshot) {
        this.scenario = scenario;
        this.snapshot = snapshot;
    }

    /** Null if the job runs and has read all its state, else the first line of the innermost error. */
    String attempt() throws Exception {
        Control.reset();
        RestoredJob job = null;
        try {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                    RichJob.PARALLELISM, Configuration.fromMap(settings()));
            RichJob.build(env, scenario.shape, Session.BASE.resolve("output").toUri().toString());
            job = new RestoredJob(env.executeAsync("restored job"), SECONDS);
            readEverything(job);
            return null;
        } catch (Throwable e) {
            return firstLine(job == null ? e : job.errorOr(e));
        } finally {
            if (job != null) {
                job.end();
            }
            Session.delete(SCRATCH);
        }
    }

    /** Tells whether two attempts have read the same state; null where that is not known. */
    String stateRead() {
        return stateRead;
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

    private void readEverything(RestoredJob job) throws Throwable {
        // A task runs only after its backends have opened all their files.
        while (!job.allTasksRun()) {
            pause(job);
        }
        // ForSt has no canonical savepoints.
        if (!scenario.settings.get("state.backend").equals("forst")) {
            // Iterates over all keyed state. Taken first: the events overwrite some of it.
            stateRead = fingerprint(canonicalSavepoint(job.client));
        }
        // These touch every key.
        Control.raiseLimit(30);
        while (Control.processed() < 30L * RichJob.PARALLELISM) {
            pause(job);
        }
    }

    private static Path canonicalSavepoint(JobClient job) throws Throwable {
        String formats = "org.apache.flink.core.execution.SavepointFormatType";
        String target = "file://" + SCRATCH;
        Object savepoint = Reflect.exists(formats)
                ? Reflect.call(job, "triggerSavepoint", target, Reflect.enumConstant(formats, "CANONICAL"))
                : Reflect.call(job, "triggerSavepoint", target);
        Object path = ((CompletableFuture<?>) savepoint).get(SECONDS, TimeUnit.SECONDS);
        return Paths.get(URI.create(path.toString()).getPath());
    }

    /** The same for the same state: file names are random, and so is the metadata with them. */
    private static String fingerprint(Path savepoint) throws IOException {
        List<Long> sums = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(savepoint)) {
            for (Path file : files) {
                if (!file.endsWith("_metadata")) {
                    CRC32 sum = new CRC32();
                    sum.update(Files.readAllBytes(file));
                    sums.add(sum.getValue());
                }
            }
        }
        Collections.sort(sums);
        return sums.toString();
    }

    private static void pause(RestoredJob job) throws Exception {
        if (job.hasEndedAfter(10)) {
            throw new IllegalStateException("the restored job has ended");
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
