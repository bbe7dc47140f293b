package fixture;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What the operators of a restored job have found of the state of the job before. */
final class Probe {
    static final String READER_STATE = "SourceReaderState";
    static final String COORDINATOR = "(coordinator)";
    private static final Set<String> FOUND = ConcurrentHashMap.newKeySet();

    private Probe() {}

    static void reset() {
        FOUND.clear();
    }

    /** Operators are known by their names here: uids are what the variants change. */
    static void found(String operator, String state) {
        FOUND.add(operator + "/" + state);
    }

    static boolean wasFound(String operator, String state) {
        return FOUND.contains(operator + "/" + state);
    }
}
