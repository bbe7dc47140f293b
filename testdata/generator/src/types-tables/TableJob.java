package fixture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.PlanReference;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/** A GROUP BY in SQL, run from its compiled plan, which is kept beside the savepoint: it holds the uids. */
final class TableJob {
    private static final String SOURCE = "CREATE TABLE orders (id BIGINT, customer STRING, amount DECIMAL(10, 2))"
            + " WITH ('connector' = 'datagen', 'rows-per-second' = '100', 'fields.customer.length' = '1')";
    private static final String SINK = "CREATE TABLE totals (customer STRING, orders BIGINT, total DECIMAL(38, 2),"
            + " smallest BIGINT) WITH ('connector' = 'blackhole')";
    private static final String QUERY = "INSERT INTO totals SELECT customer, COUNT(*), SUM(amount), MIN(id)"
            + " FROM orders GROUP BY customer";

    private static volatile String plan;

    private TableJob() {}

    static Scenario scenario(String name, String format) {
        return new Scenario(name, session -> {
            session.start();
            // Some rows; which ones does not matter.
            Thread.sleep(2000);
            Path savepoint = session.savepoint(format);
            Files.write(savepoint.resolve("plan.json"), plan.getBytes(StandardCharsets.UTF_8));
            session.cancel();
        }) {
            @Override
            Job job() {
                return TableJob::submit;
            }
        }.backend("rocksdb").inlineUpTo("0 b").withoutCheckpoints();
    }

    private static org.apache.flink.core.execution.JobClient submit(StreamExecutionEnvironment env) {
        env.setParallelism(1);
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.executeSql(SOURCE);
        tables.executeSql(SINK);
        plan = tables.compilePlanSql(QUERY).asJsonString();
        return tables.loadPlan(PlanReference.fromJsonString(plan)).execute().getJobClient()
                .orElseThrow(IllegalStateException::new);
    }
}
