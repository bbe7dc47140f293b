package fixture;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.CopyableValue;
import org.apache.flink.types.Value;

/** Types of a user, one of each kind that Flink treats in its own way. */
public final class Shapes {
    private Shapes() {}

    public enum Status { OPEN, PAID, SHIPPED }

    public static class Customer {
        public String name;
        public int[] visits;

        public Customer() {}
    }

    /** A POJO with everything in it. */
    public static class Order {
        public long id;
        public Customer customer;
        public List<String> items = new ArrayList<>();
        public Map<String, Long> amounts = new HashMap<>();
        public Status status;
        public Opaque secret;

        public Order() {}
    }

    /** Registered with Flink. */
    public static class ExpressOrder extends Order {
        public int hours;

        public ExpressOrder() {}
    }

    /** Found at runtime only. */
    public static class GiftOrder extends Order {
        public String message;

        public GiftOrder() {}
    }

    /** Writes itself. */
    public static class Sealed implements Value {
        public long number;

        public Sealed() {}

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(number);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            number = in.readLong();
        }
    }

    /** Writes and copies itself. */
    public static class CopyableSealed implements CopyableValue<CopyableSealed> {
        public long number;

        public CopyableSealed() {}

        @Override
        public int getBinaryLength() {
            return 8;
        }

        @Override
        public void copyTo(CopyableSealed target) {
            target.number = number;
        }

        @Override
        public CopyableSealed copy() {
            CopyableSealed copy = new CopyableSealed();
            copy.number = number;
            return copy;
        }

        @Override
        public void copy(DataInputView source, DataOutputView target) throws IOException {
            target.write(source, 8);
        }

        @Override
        public void write(DataOutputView out) throws IOException {
            out.writeLong(number);
        }

        @Override
        public void read(DataInputView in) throws IOException {
            number = in.readLong();
        }
    }

    static Order order(long n) {
        Order order = new Order();
        if (n % 3 == 1) {
            ExpressOrder express = new ExpressOrder();
            express.hours = 24;
            order = express;
        } else if (n % 3 == 2) {
            GiftOrder gift = new GiftOrder();
            gift.message = "für dich";
            order = gift;
        }
        order.id = n;
        order.customer = new Customer();
        order.customer.name = "customer-" + n;
        order.customer.visits = new int[] {1, 2};
        order.items.add("item-" + n);
        order.amounts.put("amount", n);
        order.status = Status.values()[(int) (n % 3)];
        order.secret = new Opaque(n);
        return order;
    }

    static Sealed sealed(long n) {
        Sealed sealed = new Sealed();
        sealed.number = n;
        return sealed;
    }

    static CopyableSealed copyable(long n) {
        CopyableSealed sealed = new CopyableSealed();
        sealed.number = n;
        return sealed;
    }
}
