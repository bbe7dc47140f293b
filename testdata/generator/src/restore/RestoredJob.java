package fixture;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.core.execution.JobClient;

/** A job that was started from a snapshot, until it has failed or is ended. */
final class RestoredJob {
    final JobClient client;
    private final CompletableFuture<?> result;
    private final int seconds;
    private final long deadline;

    /** It may take so many seconds to read its state, and as many to end. */
    RestoredJob(JobClient client, int seconds) {
        this.client = client;
        this.seconds = seconds;
        result = client.getJobExecutionResult();
        deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Waits; throws the job's own error as soon as there is one. True if the job has ended. */
    boolean hasEndedAfter(int milliseconds) throws Exception {
        if (System.nanoTime() > deadline) {
            throw new IllegalStateException("the restored job stands still");
        }
        try {
            result.get(milliseconds, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    boolean allTasksRun() throws Throwable {
        return !result.isDone() && Tasks.allRun(client);
    }

    /** Asking a cluster that goes away with its failed job brings other errors than the job's. */
    Throwable errorOr(Throwable other) {
        try {
            result.get(1, TimeUnit.SECONDS);
            return other;
        } catch (ExecutionException e) {
            return e;
        } catch (Exception e) {
            return other;
        }
    }

    void end() throws Exception {
        try {
            if (!result.isDone()) {
                client.cancel().get(seconds, TimeUnit.SECONDS);
            }
            result.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException | IllegalStateException e) {
            // How a cancelled or failed job ends, or its cluster has just gone.
        }
    }
}
