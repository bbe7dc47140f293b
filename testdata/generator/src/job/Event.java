package fixture;

/** What flows through the job. A POJO in Flink's sense: public fields, public empty constructor. */
public class Event {
    public long key;
    public long value;
    public long timestamp;
    public String word;

    public Event() {}

    /** The n-th event is always the same, so that two runs write the same state. */
    static Event number(long n) {
        Event event = new Event();
        event.key = n % 20;
        event.value = n * 7 % 101;
        event.timestamp = 1_700_000_000_000L + n * 500;
        event.word = "word-" + n % 6;
        return event;
    }

    @Override
    public String toString() {
        return key + "," + value + "," + timestamp + "," + word;
    }
}
