package fixture;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.executiongraph.AccessExecutionVertex;

/** Asks the local cluster of a job about its tasks. */
final class Tasks {
    private static final int SECONDS = 25;

    private Tasks() {}

    /** A task runs only after its backends have opened all their files; one of a finished source has ended already. */
    static boolean allRun(JobClient job) throws Throwable {
        for (AccessExecutionVertex vertex : graph(job).getAllExecutionVertices()) {
            ExecutionState state = vertex.getExecutionState();
            if (state != ExecutionState.RUNNING && state != ExecutionState.FINISHED) {
                return false;
            }
        }
        return true;
    }

    static int finished(JobClient job) throws Throwable {
        int count = 0;
        for (AccessExecutionVertex vertex : graph(job).getAllExecutionVertices()) {
            count += vertex.getExecutionState() == ExecutionState.FINISHED ? 1 : 0;
        }
        return count;
    }

    private static AccessExecutionGraph graph(JobClient job) throws Throwable {
        Object cluster = Reflect.fieldIfPresent(job, "miniCluster");
        Object future = Reflect.call(cluster, "getExecutionGraph", job.getJobID());
        return (AccessExecutionGraph) ((CompletableFuture<?>) future).get(SECONDS, TimeUnit.SECONDS);
    }
}
