package fixture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A job before the change, and the snapshot it leaves. */
final class Base {
    static final String CHANGELOG = "changelog";
    static final String OUTPUT = "output";

    enum How { CANONICAL, NATIVE, CHECKPOINT, UNALIGNED, FINISHED_PARTLY, FINISHED_FULLY }

    final String name;
    final Supplier<Pipeline> pipeline;
    final How how;
    /** Then everything the job has written is kept, else only the snapshot's own directory. */
    final boolean withFiles;

    Base(String name, How how, boolean withFiles, Supplier<Pipeline> pipeline) {
        this.name = name;
        this.how = how;
        this.withFiles = withFiles;
        this.pipeline = pipeline;
    }

    /** What the snapshot holds of an operator; nothing of one that has finished. */
    List<String> statesOf(Op op) {
        return how == How.FINISHED_FULLY && (op.name.equals("rules") || op.name.equals("enrich")) ? List.of() : op.stateNames();
    }

    /** Runs the job; its snapshot, its description and what Flink reads from it are in the directory afterwards. */
    void write(String release, Path directory) throws Throwable {
        Session.clear();
        Pipeline job = pipeline.get();
        // A fixed one keeps the paths of the fixtures as they are.
        String id = UUID.nameUUIDFromBytes(name.getBytes("UTF-8")).toString().replace("-", "");
        job.scenario.set("$internal.pipeline.job-id", id);
        if (how.ordinal() >= How.CHECKPOINT.ordinal()) {
            job.scenario.set("execution.checkpointing.interval", "300 ms");
        }
        String[] described = new String[1];
        Session session = new Session(job.settings(), env -> {
            Build.build(job, env);
            // As users do it: the job that runs afterwards is the described one.
            described[0] = Description.describe(env);
            return env.executeAsync("fixture job");
        });
        try {
            session.start();
            run(session, job);
            session.cancel();
        } catch (Throwable e) {
            session.abandon();
            throw e;
        }
        Path snapshot = SnapshotFiles.newestSnapshot();
        FlinkTruth.writeBeside(release, name, snapshot.resolve("_metadata"));
        Session.delete(directory);
        if (withFiles && snapshot.startsWith(Session.CHECKPOINTS)) {
            keepOnly(snapshot);
            Trees.copy(Session.CHECKPOINTS, directory);
            Trees.copy(Session.CHANGELOG, directory.resolve(CHANGELOG));
        } else {
            Trees.copy(snapshot, directory);
        }
        // A file sink goes on writing where it was: without that file it does not start.
        Trees.copy(Session.BASE.resolve(OUTPUT), directory.resolve(OUTPUT));
        Description description = new Description(described[0]);
        description.mustKnow(snapshotIn(directory).resolve("flink.json"));
        description.write(directory.resolve("job.json"));
    }

    private void run(Session session, Pipeline job) throws Throwable {
        int splits = Cases.splits(job);
        if (how == How.UNALIGNED) {
            // With more, records are spread over buffers on both sides of the exchange.
            session.flood(name.endsWith("full") ? 400 : 60);
            session.awaitNextCheckpoint();
            return;
        }
        session.feed(20, splits);
        if (how == How.CANONICAL || how == How.NATIVE) {
            // Up to 1.14 there was one format.
            boolean choice = Reflect.exists("org.apache.flink.core.execution.SavepointFormatType");
            session.savepoint(choice ? how.name() : null);
            return;
        }
        if (how == How.FINISHED_PARTLY) {
            Control.finish("src", 0);
            session.awaitFinishedTasks(1);
        } else if (how == How.FINISHED_FULLY) {
            Control.finish("rules", 0);
            boolean one = job.op("apply").secondInput.size() == 1;
            session.awaitFinishedTasks(one ? 1 : 1 + job.parallelism);
        }
        session.awaitNextCheckpoint();
        session.awaitNextCheckpoint();
    }

    /** An older checkpoint may still be there while it is being discarded. */
    private static void keepOnly(Path snapshot) throws Exception {
        try (Stream<Path> all = Files.list(snapshot.getParent())) {
            List<Path> others = all.filter(path -> path.getFileName().toString().startsWith("chk-")
                    && !path.equals(snapshot)).collect(Collectors.toList());
            others.forEach(Session::delete);
        }
    }

    /** Where the snapshot is in the directory that {@link #write} has filled. */
    static Path snapshotIn(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(path -> path.endsWith("_metadata")).findFirst()
                    .orElseThrow(() -> new IllegalStateException("no snapshot in " + directory)).getParent();
        }
    }
}
