package fixture;

import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamGraphGenerator;
import org.apache.flink.streaming.api.graph.StreamGraphHasherV2;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.table.api.CompiledPlan;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.StatementSet;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.internal.TableEnvironmentImpl;
import org.apache.flink.table.delegation.InternalPlan;

/**
 * Compiles SQL to plans, translates them, and records which uids and operator ids come out.
 * Arguments: RELEASE DIRECTORY. Writes plan-RELEASE.json and plan-RELEASE-mini-batch.json with an .ids.json each.
 */
final class PlanUids {
    private static final String[] TABLES = {
        "CREATE TABLE orders (id BIGINT, word STRING, amount INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)"
                + " WITH ('connector' = 'datagen', 'number-of-rows' = '10')",
        "CREATE TABLE payments (id BIGINT, paid INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)"
                + " WITH ('connector' = 'datagen', 'number-of-rows' = '10')",
        "CREATE TABLE counts (word STRING, n BIGINT, PRIMARY KEY (word) NOT ENFORCED) WITH ('connector' = 'print')",
        "CREATE TABLE by_id (id BIGINT, word STRING, n BIGINT, PRIMARY KEY (id) NOT ENFORCED)"
                + " WITH ('connector' = 'print')",
        "CREATE TABLE log (id BIGINT, word STRING, amount INT NOT NULL) WITH ('connector' = 'print')",
        "CREATE TABLE windows (word STRING, start_ts TIMESTAMP(3), n BIGINT) WITH ('connector' = 'print')",
        "CREATE TABLE files (id BIGINT, word STRING, amount INT) PARTITIONED BY (amount)"
                + " WITH ('connector' = 'filesystem', 'path' = 'file:///tmp/files', 'format' = 'json',"
                + " 'auto-compaction' = 'true', 'sink.partition-commit.policy.kind' = 'success-file')",
        "CREATE TABLE changes (id BIGINT, word STRING, amount INT, PRIMARY KEY (id) NOT ENFORCED)"
                + " WITH ('connector' = 'filesystem', 'path' = 'file:///tmp/in', 'format' = 'debezium-json')",
        "CREATE TABLE prices (id BIGINT, price INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts,"
                + " PRIMARY KEY (id) NOT ENFORCED)"
                + " WITH ('connector' = 'filesystem', 'path' = 'file:///tmp/in', 'format' = 'debezium-json')",
    };

    private PlanUids() {}

    public static void main(String[] arguments) throws Exception {
        String release = arguments[0];
        Path directory = Paths.get(arguments[1]);
        Files.createDirectories(directory);
        write(directory.resolve("plan-" + release), queries(), false);
        write(directory.resolve("plan-" + release + "-mini-batch"), miniBatchQueries(), true);
    }

    private static List<String> queries() {
        List<String> queries = new ArrayList<>();
        queries.add("INSERT INTO counts SELECT word, COUNT(*) FROM orders WHERE amount > 3 GROUP BY word");
        queries.add("INSERT INTO windows SELECT word, window_start, COUNT(*) FROM TABLE("
                + "TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY word, window_start, window_end");
        queries.add("INSERT INTO windows SELECT word, TUMBLE_START(ts, INTERVAL '1' MINUTE), COUNT(*)"
                + " FROM orders GROUP BY word, TUMBLE(ts, INTERVAL '1' MINUTE)");
        queries.add("INSERT INTO by_id SELECT o.id, o.word, CAST(p.paid AS BIGINT)"
                + " FROM orders o JOIN payments p ON o.id = p.id");
        queries.add("INSERT INTO by_id SELECT o.id, o.word, CAST(p.paid AS BIGINT)"
                + " FROM orders o LEFT JOIN payments p ON o.id = p.id"
                + " AND p.ts BETWEEN o.ts AND o.ts + INTERVAL '5' MINUTE");
        queries.add("INSERT INTO by_id SELECT o.id, o.word, CAST(p.price AS BIGINT)"
                + " FROM orders o JOIN prices FOR SYSTEM_TIME AS OF o.ts AS p ON o.id = p.id");
        queries.add("INSERT INTO by_id SELECT id, word, n FROM (SELECT id, word, CAST(amount AS BIGINT) n,"
                + " ROW_NUMBER() OVER (PARTITION BY id ORDER BY ts DESC) rn FROM orders) WHERE rn = 1");
        queries.add("INSERT INTO by_id SELECT id, word, n FROM (SELECT id, word, CAST(amount AS BIGINT) n,"
                + " ROW_NUMBER() OVER (PARTITION BY word ORDER BY amount DESC) rn FROM orders) WHERE rn <= 3");
        queries.add("INSERT INTO by_id SELECT id, word, SUM(CAST(amount AS BIGINT)) OVER"
                + " (PARTITION BY word ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) FROM orders");
        queries.add("INSERT INTO by_id SELECT id, word, CAST(amount AS BIGINT) FROM orders ORDER BY ts");
        queries.add("INSERT INTO log SELECT id, word, amount FROM orders");
        queries.add("INSERT INTO files SELECT id, word, amount FROM orders");
        queries.add("INSERT INTO by_id SELECT id, word, CAST(amount AS BIGINT) FROM changes");
        return queries;
    }

    private static List<String> miniBatchQueries() {
        return Collections.singletonList("INSERT INTO counts SELECT word, COUNT(DISTINCT id) FROM orders GROUP BY word");
    }

    private static void write(Path file, List<String> queries, boolean miniBatch) throws Exception {
        TableEnvironment tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
        if (miniBatch) {
            tables.getConfig().set("table.exec.mini-batch.enabled", "true");
            tables.getConfig().set("table.exec.mini-batch.allow-latency", "1 s");
            tables.getConfig().set("table.exec.mini-batch.size", "100");
            tables.getConfig().set("table.optimizer.distinct-agg.split.enabled", "true");
        } else {
            // Adds a node that makes a clean changelog of such a source.
            tables.getConfig().set("table.exec.source.cdc-events-duplicate", "true");
            // Unknown before 2.3, which otherwise wants an ON CONFLICT clause that earlier releases do not know.
            tables.getConfig().set("table.exec.sink.require-on-conflict", "false");
        }
        for (String table : TABLES) {
            tables.executeSql(table);
        }
        StatementSet statements = tables.createStatementSet();
        queries.forEach(statements::addInsertSql);
        CompiledPlan plan = statements.compilePlan();
        Files.write(Paths.get(file + ".json"), plan.asJsonString().getBytes(StandardCharsets.UTF_8));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("operators", operators(tables, plan));
        Files.write(Paths.get(file + ".ids.json"),
                Json.withOperatorsOnLines(document).getBytes(StandardCharsets.UTF_8));
    }

    private static List<Object> operators(TableEnvironment tables, CompiledPlan plan) throws Exception {
        Method unwrap = plan.getClass().getDeclaredMethod("unwrap");
        unwrap.setAccessible(true);
        InternalPlan internal = (InternalPlan) unwrap.invoke(plan);
        Configuration conf = new Configuration();
        conf.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.STREAMING);
        StreamGraph graph = new StreamGraphGenerator(
                ((TableEnvironmentImpl) tables).getPlanner().translatePlan(internal),
                new ExecutionConfig(), new CheckpointConfig(), conf).generate();
        Map<Integer, byte[]> ids = new StreamGraphHasherV2().traverseStreamGraphAndGenerateHashes(graph);
        List<Object> operators = new ArrayList<>();
        for (StreamNode node : graph.getStreamNodes()) {
            Map<String, Object> operator = new LinkedHashMap<>();
            StringBuilder id = new StringBuilder();
            for (byte part : ids.get(node.getId())) {
                id.append(String.format("%02x", part));
            }
            operator.put("operator_id", id.toString());
            operator.put("uid", node.getTransformationUID());
            operator.put("name", node.getOperatorName());
            operators.add(operator);
        }
        return operators;
    }
}
