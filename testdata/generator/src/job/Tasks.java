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
        Object cluster = Reflect.fieldIfPresent(job, "miniCluster");
        Object future = Reflect.call(cluster, "getExecutionGraph", job.getJobID());
        AccessExecutionGraph graph =
                (AccessExecutionGraph) ((CompletableFuture<?>) future).get(SECONDS, TimeUnit.SECONDS);
        for (AccessExecutionVertex vertex : graph.getAllExecutionVertices()) {
            ExecutionState state = vertex.getExecutionState();
            if (state != ExecutionState.RUNNING && state != ExecutionState.FINISHED) {
                return false;
            }
        }
        return true;
    }
}
