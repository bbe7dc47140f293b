package fixture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lets a job go on making checkpoints while a plan is carried out slowly. Then no snapshot that is there may need a file
 * that was deleted, and Flink restores the newest, the kept ones and some of the others, with the state that they have
 * where nothing was deleted. Ages are real here: a clock that is moved would
 * make old what the job is just writing.
 */
public final class RetentionWhileRunning {
    private static final String MIN_AGE = "8s";
    private static final int FILES_AT_LEAST = 40;
    private static final int APPLY_SECONDS = 15;
    private static final int CHECKPOINTS_AT_LEAST = 3;
    private static final int OTHERS_RESTORED = 3;

    private final String release;
    private final RetentionCommand command;
    private boolean allWell = true;

    private RetentionWhileRunning(String release, String statescope) {
        this.release = release;
        command = new RetentionCommand(statescope);
    }

    /** Arguments: release, statescope binary. */
    public static void main(String[] arguments) {
        RetentionWhileRunning run = new RetentionWhileRunning(arguments[0], arguments[1]);
        try {
            run.everything();
        } catch (Throwable e) {
            run.allWell = false;
            e.printStackTrace(System.out);
        }
        System.exit(run.allWell ? 0 : 1);
    }

    private void everything() throws Throwable {
        Control.discardResults();
        judge(running("one job that retains all its checkpoints", session -> {
            session.start();
            session.checkpoints(8);
        }).retain(1000));
        // Flink deletes at the same time: what the second job has claimed, and its own older ones.
        judge(running("a job that has claimed the newest checkpoint of another", session -> {
            session.start();
            session.checkpoints(8);
            Path newest = session.newestCheckpointDirectory();
            session.cancel();
            session.startFrom(newest, "CLAIM");
            session.checkpoints(2);
        }).retain(6));
    }

    private static Scenario running(String name, Scenario.Script script) {
        return new Scenario(name, script).backend("rocksdb").incremental().inlineUpTo("0 b").slim();
    }

    private void judge(Scenario scenario) throws Throwable {
        Session.clear();
        Session session = new Session(scenario.settings, scenario.job());
        try {
            scenario.script.run(session);
            judge(scenario, session);
        } finally {
            session.abandon();
            RetentionCommand.forgetPlan();
        }
    }

    private void judge(Scenario scenario, Session session) throws Throwable {
        RetentionCommand.Plan plan = planEnough(session);
        Tree before = rememberWhileRunning();
        Process apply = command.startApply(Arrays.asList("--i-know",
                "--rate", String.valueOf(Math.max(1, plan.files / APPLY_SECONDS))));
        int during = 0;
        while (apply.isAlive()) {
            session.checkpoints(1);
            during += apply.isAlive() ? 1 : 0;
        }
        RetentionCommand.Answer applied = RetentionCommand.finish(apply);
        // One that was begun after all deletions.
        session.checkpoints(1);
        Path newest = session.newestCheckpointDirectory();
        session.cancel();
        RetentionCommand.forgetPlan();

        if (applied.status != 0 && applied.status != 9) {
            fail(scenario, "apply ended with " + applied.status);
        }
        if (applied.lines.isEmpty() || during < CHECKPOINTS_AT_LEAST) {
            fail(scenario, applied.lines.size() + " files gone, " + during + " checkpoints meanwhile: that proves nothing");
        }
        for (Path kept : plan.kept) {
            if (applied.lines.contains(kept.resolve("_metadata").toString())) {
                fail(scenario, kept + " was to be kept and is gone");
            }
        }
        List<Path> whole = whole(scenario, applied.lines);
        if (!whole.contains(newest)) {
            fail(scenario, newest + ", the newest checkpoint, is not whole");
        }
        int restored = compareStates(scenario, chosen(whole, plan.kept, newest), before);
        System.out.println(String.join("\t", release, scenario.name, "exit " + applied.status,
                during + " checkpoints meanwhile", applied.lines.size() + " of " + plan.files + " files gone",
                restored + " snapshots restored, the newest " + newest.getFileName()));
    }

    /** Waits until enough is old enough. */
    private RetentionCommand.Plan planEnough(Session session) throws Throwable {
        for (int i = 0; i < 30; i++) {
            RetentionCommand.Plan plan =
                    command.plan(Arrays.asList("--keep-last", "2", "--min-age", MIN_AGE, "--i-know"));
            if (plan.files >= FILES_AT_LEAST) {
                return plan;
            }
            session.checkpoints(1);
        }
        throw new IOException("there is not enough to delete");
    }

    /** A running job makes and removes files while one looks. */
    private static Tree rememberWhileRunning() throws Exception {
        for (int i = 0; ; i++) {
            try {
                return Tree.remember(Session.CHECKPOINTS);
            } catch (IOException | UncheckedIOException e) {
                if (i == 20) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
    }

    /** Snapshots that have all their files; fails where one needs a file that the program has deleted. */
    private List<Path> whole(Scenario scenario, List<String> gone) throws Throwable {
        List<Path> out = new ArrayList<>();
        for (Path snapshot : snapshotsOnDisk()) {
            List<Path> missing = new ArrayList<>();
            for (SnapshotFiles.Needed file : SnapshotFiles.needed(release, snapshot)) {
                if (gone.contains(file.path.toString())) {
                    fail(scenario, snapshot + " needs " + file.path + ", which was deleted");
                }
                if (!Files.exists(file.path)) {
                    missing.add(file.path);
                }
            }
            if (missing.isEmpty()) {
                out.add(snapshot);
            } else {
                // A job that claimed a checkpoint deletes what older ones of the same chain need.
                System.out.println("# Flink itself has deleted a file of " + snapshot + ": " + missing.get(0));
            }
        }
        return out;
    }

    /** A restore takes seconds: the newest, those that the plan kept, and of those made since a few all along. */
    private static List<Path> chosen(List<Path> whole, List<Path> kept, Path newest) {
        List<Path> others = new ArrayList<>(whole);
        others.removeAll(kept);
        others.remove(newest);
        int step = Math.max(1, others.size() / OTHERS_RESTORED);
        return whole.stream()
                .filter(path -> kept.contains(path) || path.equals(newest) || others.indexOf(path) % step == 0)
                .collect(Collectors.toList());
    }

    /** As it is now, and with all that was deleted put back. */
    private int compareStates(Scenario scenario, List<Path> snapshots, Tree before) throws Throwable {
        Map<Path, String> states = new LinkedHashMap<>();
        Tree left = Tree.remember(Session.CHECKPOINTS);
        for (Path snapshot : snapshots) {
            Restore restore = new Restore(scenario, snapshot);
            String error = restore.attempt();
            left.restore();
            if (error != null) {
                fail(scenario, snapshot + " is not restored: " + error);
            } else {
                states.put(snapshot, restore.stateRead());
            }
        }
        before.putBackMissing();
        for (Map.Entry<Path, String> state : new TreeMap<>(states).entrySet()) {
            Restore restore = new Restore(scenario, state.getKey());
            String error = restore.attempt();
            left.restore();
            before.putBackMissing();
            if (error != null || !Objects.equals(restore.stateRead(), state.getValue())) {
                fail(scenario, state.getKey() + " is restored with other state than where nothing was deleted");
            }
        }
        return states.size();
    }

    private static List<Path> snapshotsOnDisk() throws IOException {
        if (!Files.exists(Session.CHECKPOINTS)) {
            return Collections.emptyList();
        }
        try (Stream<Path> tree = Files.walk(Session.CHECKPOINTS)) {
            return tree.filter(path -> path.endsWith("_metadata")).map(Path::getParent).sorted()
                    .collect(Collectors.toList());
        }
    }

    private void fail(Scenario scenario, String what) {
        allWell = false;
        System.out.println("FAILED\t" + release + "\t" + scenario.name + "\t" + what);
    }
}
