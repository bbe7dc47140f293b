package fixture;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A scenario whose snapshot every release shall restore: the one job, with state in one of its forms. */
final class PairScenario extends Scenario {
    int subtasks = 1;
    Control.Results results = Control.Results.NO_FILES;

    PairScenario(String name, Script script) {
        super(name, script);
    }

    PairScenario subtasks(int count) {
        subtasks = count;
        return this;
    }

    PairScenario results(Control.Results out) {
        results = out;
        return this;
    }

    /** What the job is called in the list of descriptions: many scenarios have the same. */
    String jobName(String release) {
        String files = results == Control.Results.NO_FILES ? "" : "-files";
        return shapeOn(release).name().toLowerCase() + files + "-" + subtasks;
    }

    /** Builds the job, without running it. */
    void build(StreamExecutionEnvironment env, String release, String output) {
        Control.rescale(subtasks);
        Control.put(results);
        RichJob.build(env, shapeOn(release), output);
    }

    /** Asynchronous state came with Flink 2; its states have the names of the slim job's. */
    private RichJob.Shape shapeOn(String release) {
        boolean first = release.startsWith("1.");
        return shape == RichJob.Shape.ASYNC && first ? RichJob.Shape.SLIM : shape;
    }
}
