package fixture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets real jobs leave checkpoints and savepoints that depend on each other, deletes by several policies, and
 * after each asks Flink: is every snapshot that was kept restored, with the state it had before?
 */
public final class RetentionRestores {
    private static final String[][] POLICIES = {
        {"--keep-last", "1"},
        {"--keep-last", "3"},
        {"--keep-last", "0", "--include-savepoints"},
        {"--keep-within", "4s"},
        {"--keep-hourly", "1", "--keep-monthly", "1"},
        {"--keep-last", "2", "--group-by", "none"},
        {"--keep", "OLDEST"},
    };

    private static final String CHAIN = "chain of ten, savepoint, no-claim restore";
    private static final String ENTROPY = "entropy";

    private final String release;
    private final RetentionCommand command;
    private final Map<Path, Scenario> snapshots = new TreeMap<>();
    private final Map<Path, String> states = new LinkedHashMap<>();
    private boolean allWell = true;

    private RetentionRestores(String release, String statescope) {
        this.release = release;
        command = new RetentionCommand(statescope);
    }

    /** Arguments: release, statescope binary. */
    public static void main(String[] arguments) {
        RetentionRestores run = new RetentionRestores(arguments[0], arguments[1]);
        try {
            run.everything();
        } catch (Throwable e) {
            run.allWell = false;
            e.printStackTrace(System.out);
        }
        System.exit(run.allWell ? 0 : 1);
    }

    private void everything() throws Throwable {
        EntropyFiles.install();
        for (Path directory : stateDirectories()) {
            Session.delete(directory);
        }
        Control.discardResults();
        for (Scenario scenario : scenarios()) {
            if (scenario.runsOn(release)) {
                long begin = System.nanoTime();
                scenario.script.run(new Session(scenario.settings, scenario.job()));
                Control.rescale(RichJob.PARALLELISM);
                int before = snapshots.size();
                for (Path snapshot : snapshotsOnDisk()) {
                    snapshots.putIfAbsent(snapshot, scenario);
                }
                System.out.printf("# %s: %d snapshots, %.1f s%n",
                        scenario.name, snapshots.size() - before, (System.nanoTime() - begin) / 1e9);
            }
        }
        snapshots.keySet().retainAll(snapshotsOnDisk());
        loseMetadata();
        expectEntropy();
        Session.delete(Session.BASE.resolve("tmp"));
        Tree tree = Tree.remember(stateDirectories());
        for (Path snapshot : new ArrayList<>(snapshots.keySet())) {
            String error = restore(snapshot, states);
            tree.restore();
            if (error != null) {
                // One that Flink cannot restore to begin with proves nothing: a job that claimed a checkpoint of
                // the same chain has deleted what older ones need.
                System.out.println("# not restorable as Flink left it: " + snapshot + ": " + error);
                snapshots.remove(snapshot);
            }
        }
        System.out.printf("# %d snapshots are restored as Flink left them%n", snapshots.size());
        for (String[] policy : POLICIES) {
            judge(policy, tree);
        }
    }

    /** Each leaves its snapshots where those before it left theirs. */
    private static List<Scenario> scenarios() {
        List<Scenario> all = new ArrayList<>();
        all.add(incremental(CHAIN, session -> {
            session.start();
            session.checkpoints(10);
            session.savepoint("CANONICAL");
            Path newest = session.newestCheckpointDirectory();
            session.cancel();
            session.startFrom(newest, "NO_CLAIM");
            session.checkpoints(2);
            session.cancel();
        }).retain(10));
        all.add(incremental("claimed restore", session -> {
            session.start();
            session.checkpoints(2);
            Path newest = session.newestCheckpointDirectory();
            session.cancel();
            session.startFrom(newest, "CLAIM");
            session.checkpoints(3);
            session.cancel();
        }).retain(2));
        all.add(incremental("rescale", session -> {
            session.start();
            session.checkpoints(2);
            Path newest = session.newestCheckpointDirectory();
            session.cancel();
            Control.rescale(3);
            session.startFrom(newest, "CLAIM");
            session.checkpoints(2);
            session.cancel();
        }).retain(2));
        all.add(incremental("native savepoint claimed by a second job", session -> {
            session.start();
            session.emit(30);
            Path savepoint = session.stop(false, "NATIVE");
            session.startFrom(savepoint, "CLAIM");
            session.checkpoints(2);
            session.cancel();
        }).retain(2));
        all.add(incremental("changelog", session -> {
            session.start();
            session.checkpoints(4);
            session.cancel();
        }).retain(3).changelog("filesystem").materializeEvery("1 s"));
        all.add(incremental("file merging", session -> {
            session.start();
            session.checkpoints(4);
            session.cancel();
        }).retain(3).since(1, 20)
                .set("execution.checkpointing.file-merging.enabled", "true")
                .set("execution.checkpointing.file-merging.across-checkpoint-boundary", "true"));
        String marked = "file://" + Session.BASE.resolve(EntropyFiles.MARKER).resolve("checkpoints");
        all.add(incremental(ENTROPY, session -> {
            session.start();
            session.checkpoints(5);
            session.cancel();
        }).retain(5).set("state.checkpoints.dir", marked).set("execution.checkpointing.dir", marked));
        return all;
    }

    /** As a deletion leaves it that was interrupted after the metadata: what else it had are orphans now. */
    private void loseMetadata() throws IOException {
        for (Path snapshot : new ArrayList<>(snapshots.keySet())) {
            if (snapshot.endsWith("chk-3") && snapshots.get(snapshot).name.equals(CHAIN)) {
                Files.delete(snapshot.resolve("_metadata"));
                snapshots.remove(snapshot);
            }
        }
    }

    private void expectEntropy() throws Throwable {
        for (Map.Entry<Path, Scenario> snapshot : snapshots.entrySet()) {
            if (!snapshot.getValue().name.equals(ENTROPY)) {
                continue;
            }
            long apart = SnapshotFiles.needed(release, snapshot.getKey()).stream()
                    .filter(file -> !file.path.startsWith(Session.CHECKPOINTS)).count();
            System.out.printf("# %s: %d files below other prefixes%n", snapshot.getKey(), apart);
            if (apart == 0) {
                fail(new String[] {ENTROPY}, snapshot.getKey() + " has no state below another prefix");
            }
        }
    }

    private static Scenario incremental(String name, Scenario.Script script) {
        return new Scenario(name, script).backend("rocksdb").incremental().inlineUpTo("0 b").slim();
    }

    private void judge(String[] rules, Tree tree) throws Throwable {
        long begin = System.nanoTime();
        // Nothing is old enough yet.
        List<String> now = Arrays.asList(
                "--now", Instant.now().plus(10, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS).toString());
        List<String> options = new ArrayList<>(now);
        for (String rule : rules) {
            options.add(rule.equals("OLDEST") ? snapshots.keySet().iterator().next().toString() : rule);
        }
        RetentionCommand.Plan plan = command.plan(options);
        List<Path> kept = new ArrayList<>(plan.kept);
        kept.retainAll(snapshots.keySet());
        RetentionCommand.Answer applied = command.apply(now);
        RetentionCommand.forgetPlan();
        if (applied.status != 0) {
            fail(rules, "apply ended with " + applied.status);
        }
        Tree left = Tree.remember(stateDirectories());
        for (Path snapshot : kept) {
            for (SnapshotFiles.Needed file : SnapshotFiles.needed(release, snapshot)) {
                if (applied.lines.contains(file.path.toString())) {
                    fail(rules, snapshot + " needs " + file.path + ", which is gone");
                }
            }
            Map<Path, String> now2 = new LinkedHashMap<>();
            String error = restore(snapshot, now2);
            left.restore();
            if (error != null) {
                fail(rules, snapshot + " is not restored: " + error);
            } else if (!Objects.equals(now2.get(snapshot), states.get(snapshot))) {
                fail(rules, snapshot + " is restored with other state");
            }
        }
        tree.restore();
        if (applied.lines.isEmpty() || kept.isEmpty() || plan.orphans == 0) {
            fail(rules, "nothing was deleted or kept, or no orphan was planned, which proves nothing");
        }
        System.out.println(String.join("\t", release, String.join(" ", rules), kept.size() + " kept and restored",
                plan.deleted + " deleted", applied.lines.size() + " files gone", plan.orphans + " of them orphans",
                (System.nanoTime() - begin) / 1_000_000_000 + " s"));
    }

    private void fail(String[] rules, String what) {
        allWell = false;
        System.out.println("FAILED\t" + release + "\t" + String.join(" ", rules) + "\t" + what);
    }

    /**
     * After a claim of a native savepoint, checkpoints name files of the savepoint as if they were their own
     * (FLINK-39964), and no such Flink can restore them. Put where they are said to be, they must be enough.
     */
    private void mend(Path snapshot) throws Throwable {
        for (SnapshotFiles.Needed file : SnapshotFiles.needed(release, snapshot)) {
            if (Files.exists(file.path)) {
                continue;
            }
            try (Stream<Path> savepoints = Files.walk(Session.SAVEPOINTS)) {
                Path same = savepoints.filter(path -> path.getFileName().equals(file.path.getFileName()))
                        .findFirst().orElse(null);
                if (same != null) {
                    Files.copy(same, file.path);
                }
            }
        }
    }

    private String restore(Path snapshot, Map<Path, String> stateRead) throws Throwable {
        mend(snapshot);
        Restore restore = new Restore(snapshots.get(snapshot), snapshot);
        String error = restore.attempt();
        stateRead.put(snapshot, restore.stateRead());
        return error;
    }

    /** All but what is no state; with entropy, each has a name of its own. */
    private static Path[] stateDirectories() throws IOException {
        try (Stream<Path> entries = Files.list(Session.BASE)) {
            return entries.filter(Files::isDirectory)
                    .filter(path -> !path.endsWith("tmp") && !path.endsWith("output"))
                    .toArray(Path[]::new);
        }
    }

    private static List<Path> snapshotsOnDisk() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path root : Arrays.asList(Session.CHECKPOINTS, Session.SAVEPOINTS)) {
            if (Files.exists(root)) {
                try (Stream<Path> tree = Files.walk(root)) {
                    found.addAll(tree.filter(path -> path.endsWith("_metadata"))
                            .map(Path::getParent).collect(Collectors.toList()));
                }
            }
        }
        return found;
    }
}
