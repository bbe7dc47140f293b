package fixture;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A source with a coordinator, one split per reader. It emits as far as {@link Control} allows, then
 * idles or ends.
 */
final class TickSource implements Source<Event, TickSource.Split, Collection<TickSource.Split>> {
    private static final long serialVersionUID = 1L;

    private final String name;

    TickSource(String name) {
        this.name = name;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<Split, Collection<Split>> createEnumerator(SplitEnumeratorContext<Split> context) {
        List<Split> splits = new ArrayList<>();
        for (int i = 0; i < context.currentParallelism(); i++) {
            splits.add(new Split(i, context.currentParallelism(), 0));
        }
        return new Enumerator(context, splits);
    }

    @Override
    public SplitEnumerator<Split, Collection<Split>> restoreEnumerator(
            SplitEnumeratorContext<Split> context, Collection<Split> unassigned) {
        Probe.found(name, Probe.COORDINATOR);
        return new Enumerator(context, unassigned);
    }

    @Override
    public SourceReader<Event, Split> createReader(SourceReaderContext context) {
        return new Reader(name);
    }

    @Override
    public SimpleVersionedSerializer<Split> getSplitSerializer() {
        return new SplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<Collection<Split>> getEnumeratorCheckpointSerializer() {
        return new UnassignedSerializer();
    }

    static final class Split implements SourceSplit {
        final int index;
        final int count;
        final long next;

        Split(int index, int count, long next) {
            this.index = index;
            this.count = count;
            this.next = next;
        }

        @Override
        public String splitId() {
            return "split-" + index;
        }
    }

    private static final class Enumerator implements SplitEnumerator<Split, Collection<Split>> {
        private final SplitEnumeratorContext<Split> context;
        private final List<Split> unassigned;

        Enumerator(SplitEnumeratorContext<Split> context, Collection<Split> unassigned) {
            this.context = context;
            this.unassigned = new ArrayList<>(unassigned);
        }

        @Override
        public void addReader(int subtask) {
            for (Iterator<Split> splits = unassigned.iterator(); splits.hasNext(); ) {
                Split split = splits.next();
                if (split.index == subtask) {
                    splits.remove();
                    context.assignSplit(split, subtask);
                }
            }
        }

        @Override
        public void addSplitsBack(List<Split> splits, int subtask) {
            unassigned.addAll(splits);
        }

        @Override
        public Collection<Split> snapshotState(long checkpointId) {
            return unassigned;
        }

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, String host) {}

        @Override
        public void close() {}
    }

    private static final class Reader implements SourceReader<Event, Split> {
        private final String source;
        /** More than one, or none, after a restore with another parallelism. */
        private final Deque<Split> splits = new ArrayDeque<>();
        /** In this run; after a restore it is less than what the splits say. */
        private long emitted;

        Reader(String source) {
            this.source = source;
        }

        @Override
        public InputStatus pollNext(ReaderOutput<Event> output) {
            if (splits.isEmpty()) {
                // Else a reader without a split would hold back the watermarks of the others.
                output.markIdle();
            }
            if (hasEvent()) {
                Split split = splits.removeFirst();
                Event event = Event.number(split.next * split.count + split.index);
                event.timestamp += Control.timeShift();
                splits.addLast(new Split(split.index, split.count, split.next + 1));
                emitted++;
                output.collect(event, event.timestamp);
                Control.countEmitted();
                return InputStatus.MORE_AVAILABLE;
            }
            return hasEnded() ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
        }

        private boolean hasEvent() {
            return emitted < Control.limit() * splits.size();
        }

        private boolean hasEnded() {
            return !splits.isEmpty()
                    && splits.stream().allMatch(split -> Control.isFinished(source, split.index));
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            // Taken first, so that a change between the two lines is not missed.
            CompletableFuture<Void> changed = Control.changed();
            return hasEvent() || hasEnded() ? CompletableFuture.completedFuture(null) : changed;
        }

        @Override
        public void addSplits(List<Split> more) {
            splits.addAll(more);
            if (more.stream().anyMatch(split -> split.next > 0)) {
                Probe.found(source, Probe.READER_STATE);
            }
            Control.signal();
        }

        @Override
        public List<Split> snapshotState(long checkpointId) {
            return new ArrayList<>(splits);
        }

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void start() {}

        @Override
        public void close() {}
    }

    private static final class SplitSerializer implements SimpleVersionedSerializer<Split> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Split split) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            write(split, new DataOutputStream(bytes));
            return bytes.toByteArray();
        }

        @Override
        public Split deserialize(int version, byte[] bytes) throws IOException {
            return read(new DataInputStream(new ByteArrayInputStream(bytes)));
        }

        static void write(Split split, DataOutputStream out) throws IOException {
            out.writeInt(split.index);
            out.writeInt(split.count);
            out.writeLong(split.next);
        }

        static Split read(DataInputStream in) throws IOException {
            return new Split(in.readInt(), in.readInt(), in.readLong());
        }
    }

    private static final class UnassignedSerializer implements SimpleVersionedSerializer<Collection<Split>> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(Collection<Split> splits) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            DataOutputStream out = new DataOutputStream(bytes);
            out.writeInt(splits.size());
            for (Split split : splits) {
                SplitSerializer.write(split, out);
            }
            return bytes.toByteArray();
        }

        @Override
        public Collection<Split> deserialize(int version, byte[] bytes) throws IOException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
            List<Split> splits = new ArrayList<>();
            for (int remaining = in.readInt(); remaining > 0; remaining--) {
                splits.add(SplitSerializer.read(in));
            }
            return splits;
        }
    }
}
