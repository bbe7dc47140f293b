package fixture;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets a scenario steer the running job. Job and scenario live in one JVM, so static fields are the
 * simplest channel between them.
 */
final class Control {
    private static volatile long limit;
    private static volatile boolean slow;
    private static volatile CompletableFuture<Void> changed = new CompletableFuture<>();
    private static final Set<String> FINISHED = ConcurrentHashMap.newKeySet();
    private static final AtomicLong PROCESSED = new AtomicLong();
    private static final AtomicLong EMITTED = new AtomicLong();
    private static volatile long timeShift;

    private static volatile int parallelism = RichJob.PARALLELISM;

    /** What becomes of what a job puts out. */
    enum Results {
        /** Files that are still written to when a snapshot is taken. */
        OPEN_FILES,
        /** Files that each snapshot closes: they wait for its completion to be committed. */
        PENDING_FILES,
        NO_FILES
    }

    private static volatile Results results = Results.OPEN_FILES;

    private Control() {}

    /** Jobs write no files from now on: those of a file sink belong to one checkpoint alone. */
    static void discardResults() {
        put(Results.NO_FILES);
    }

    static void put(Results out) {
        results = out;
    }

    static Results results() {
        return results;
    }

    /** Jobs that are started from now on have this parallelism. */
    static void rescale(int subtasks) {
        parallelism = subtasks;
    }

    static int parallelism() {
        return parallelism;
    }

    static void reset() {
        limit = 0;
        slow = false;
        FINISHED.clear();
        PROCESSED.set(0);
        EMITTED.set(0);
        timeShift = 0;
    }

    /** How many events each source split may emit in this run. */
    static long limit() {
        return limit;
    }

    static void raiseLimit(long by) {
        limit += by;
        signal();
    }

    static boolean isFinished(String source, int split) {
        return FINISHED.contains(source + "#" + split);
    }

    static void finish(String source, int split) {
        FINISHED.add(source + "#" + split);
        signal();
    }

    /** Completes when an idle reader should look again. */
    static CompletableFuture<Void> changed() {
        return changed;
    }

    static boolean isSlow() {
        return slow;
    }

    static void slowDown() {
        slow = true;
    }

    static void countProcessed() {
        PROCESSED.incrementAndGet();
    }

    static long processed() {
        return PROCESSED.get();
    }

    static void countEmitted() {
        EMITTED.incrementAndGet();
    }

    static long emitted() {
        return EMITTED.get();
    }

    /** Moves the timestamps of all events, in milliseconds: a later run can make old timers and windows fire. */
    static void shiftTime(long by) {
        timeShift = by;
    }

    static long timeShift() {
        return timeShift;
    }

    /** Makes idle readers look again. */
    static void signal() {
        CompletableFuture<Void> previous = changed;
        changed = new CompletableFuture<>();
        previous.complete(null);
    }
}
