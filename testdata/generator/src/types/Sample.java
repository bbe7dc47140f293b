package fixture;

import java.io.Serializable;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** A named type and a value of it for each number. */
final class Sample {
    interface Values extends Serializable {
        Object of(long n) throws Exception;
    }

    final String name;
    final Values values;
    private final TypeInformation<Object> type;
    private final TypeSerializer<Object> serializer;

    @SuppressWarnings("unchecked")
    Sample(String name, TypeInformation<?> type, Values values) {
        this.name = name;
        this.type = (TypeInformation<Object>) type;
        this.serializer = null;
        this.values = values;
    }

    @SuppressWarnings("unchecked")
    Sample(String name, TypeSerializer<?> serializer, Values values) {
        this.name = name;
        this.type = null;
        this.serializer = (TypeSerializer<Object>) serializer;
        this.values = values;
    }

    ValueStateDescriptor<Object> descriptor() {
        return type == null
                ? new ValueStateDescriptor<>(name, serializer)
                : new ValueStateDescriptor<>(name, type);
    }
}
