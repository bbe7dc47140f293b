package fixture;

/** No empty constructor and a hidden field: Flink can only treat it as a generic type (Kryo). */
public class Opaque {
    private final long number;

    Opaque(long number) {
        this.number = number;
    }

    Opaque plus(long other) {
        return new Opaque(number + other);
    }
}
