package fixture;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The same job started by another release, until it has gone on with every key or failed. */
final class PairAttempt {
    private static final int SECONDS = 20;
    /** Windows and timers of the first run are long past then. */
    private static final long TEN_DAYS = 864_000_000L;

    private final String release;
    private final PairBase base;
    private final PairScenario scenario;
    private final boolean changelog;
    private Throwable error;
    private boolean submitted;

    /** Without changelog: the same settings, but the changelog backend is switched off. */
    PairAttempt(String release, PairBase base, PairScenario scenario, boolean changelog) {
        this.release = release;
        this.base = base;
        this.scenario = scenario;
        this.changelog = changelog;
    }

    /** The columns of the result: outcome, when it failed, and what Flink said. */
    String run() throws Exception {
        Control.reset();
        Control.shiftTime(TEN_DAYS);
        RestoredJob job = null;
        try {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                    scenario.subtasks, Configuration.fromMap(settings()));
            scenario.build(env, release, base.output());
            job = new RestoredJob(env.executeAsync("restored job"), SECONDS);
            submitted = true;
            goOn(job);
        } catch (Throwable e) {
            error = job == null ? e : job.errorOr(e);
        } finally {
            end(job);
        }
        if (error == null) {
            return "restored\t-\t-";
        }
        Chain chain = new Chain(error);
        String said = chain.errorClass() + ": " + chain.error();
        return "failed\t" + (submitted ? "running" : "submission") + "\t"
                + said.replace('\t', ' ').substring(0, Math.min(said.length(), 220));
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(scenario.settings);
        if (!changelog) {
            settings.keySet().removeIf(key -> key.contains("changelog"));
        }
        // The changelog backend refuses NO_CLAIM: it cannot make the full checkpoint that must follow.
        String claimMode = settings.containsKey("state.changelog.enabled") ? "CLAIM" : "NO_CLAIM";
        settings.put("execution.savepoint.path", "file://" + base.snapshot);
        settings.put("execution.savepoint-restore-mode", claimMode);
        settings.put("execution.state-recovery.path", "file://" + base.snapshot);
        settings.put("execution.state-recovery.claim-mode", claimMode);
        settings.put("execution.checkpointing.interval", "1 h");
        return settings;
    }

    private void goOn(RestoredJob job) throws Throwable {
        while (!job.allTasksRun()) {
            pause(job, 10);
        }
        Control.raiseLimit(20);
        long deadline = System.nanoTime() + 2_000_000_000L;
        long before = -1;
        // Sources that have finished emit nothing; the others are done when nothing moves any more.
        while (before != Control.processed() || Control.processed() == 0 && System.nanoTime() < deadline) {
            before = Control.processed();
            pause(job, 100);
        }
    }

    private static void pause(RestoredJob job, int milliseconds) throws Exception {
        if (job.hasEndedAfter(milliseconds)) {
            throw new IllegalStateException("the restored job has ended");
        }
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
