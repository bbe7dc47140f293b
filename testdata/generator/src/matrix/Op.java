package fixture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One operator of a pipeline: what a variant may change about it. */
final class Op {
    enum Kind { SOURCE, MAP, LISTS, KEYED, WINDOW_PROCESS, WINDOW_REDUCE, BROADCAST, FILE_SINK }

    /** How the probes know it; stays the same in all variants. */
    final String name;
    final Kind kind;
    String uid;
    String uidHash;
    int parallelism;
    int maxParallelism;
    boolean ownChain;
    /** Stateless operators between the second source and a broadcast operator. */
    final List<Op> secondInput = new ArrayList<>();
    /** State name to kind and type, see {@link KeyedSlot}. */
    final Map<String, String> states = new LinkedHashMap<>();
    boolean timers;
    boolean stringKey;
    boolean lazy;
    /** Windows of so many seconds, or of so many elements. */
    int windowSeconds = 3600;
    int windowCount;

    Op(String name, Kind kind) {
        this.name = name;
        this.kind = kind;
        this.uid = name;
    }

    Op state(String state, String kindAndType) {
        states.put(state, kindAndType);
        return this;
    }

    Op timers() {
        timers = true;
        return this;
    }

    /** State that the operator has once it has seen records, as it is called in a snapshot. */
    List<String> stateNames() {
        List<String> names = new ArrayList<>(states.keySet());
        if (timers) {
            names.add(KeyedProbe.TIMERS);
        }
        switch (kind) {
            case SOURCE:
                names.add(Probe.READER_STATE);
                names.add(Probe.COORDINATOR);
                break;
            case WINDOW_PROCESS:
            case WINDOW_REDUCE:
                names.add(Windows.CONTENTS);
                names.add(Windows.TIMERS);
                break;
            case BROADCAST:
                names.add(RulesProbe.STATE.getName());
                break;
            default:
        }
        return names;
    }
}
