package fixture;

import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Operator state: a list that is split at a rescale and, if asked for, one that every subtask gets whole. */
final class OperatorLists implements MapFunction<Event, Event>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final boolean withUnion;
    private long seen;
    private transient Event last;
    private transient ListState<Long> counts;
    private transient ListState<Event> lastEvents;

    /** Flink refuses a union state where only some of the subtasks have finished. */
    OperatorLists(boolean withUnion) {
        this.withUnion = withUnion;
    }

    @Override
    public Event map(Event event) {
        seen++;
        last = event;
        return event;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        counts = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("counts", Types.LONG));
        for (Long restored : counts.get()) {
            seen += restored;
        }
        if (withUnion) {
            lastEvents = context.getOperatorStateStore()
                    .getUnionListState(new ListStateDescriptor<>("last-events", TypeInformation.of(Event.class)));
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        counts.clear();
        // Two elements, so that a list has more than one offset.
        counts.add(seen / 2);
        counts.add(seen - seen / 2);
        if (withUnion) {
            lastEvents.clear();
            if (last != null) {
                lastEvents.add(last);
            }
        }
    }
}
