package fixture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes states.json beside each metadata file: what Flink's own classes read from the state files
 * that the metadata names. The class path decides which Flink that is.
 */
public final class StateTruth {
    private StateTruth() {}

    /** Arguments: release, its directory of scenarios, then scenario names (none: all). */
    public static void main(String[] arguments) throws Exception {
        String release = arguments[0];
        Path root = Paths.get(arguments[1]);
        List<String> wanted = Arrays.asList(arguments).subList(2, arguments.length);
        boolean allWell = true;
        int written = 0;
        for (Path scenario : FixtureTree.directories(root)) {
            if (!wanted.isEmpty() && !wanted.contains(scenario.getFileName().toString())) {
                continue;
            }
            try (FixtureTree tree = FixtureTree.inPlace(scenario)) {
                for (Path metadata : tree.metadataFiles()) {
                    writeBeside(release, scenario.getFileName().toString(), metadata);
                    written++;
                }
            } catch (Throwable e) {
                System.out.printf("FAILED %s %s: %s%n", release, scenario.getFileName(), e);
                e.printStackTrace();
                allWell = false;
            }
        }
        System.out.printf("%s: %d states.json%n", release, written);
        System.exit(allWell ? 0 : 1);
    }

    private static void writeBeside(String release, String scenario, Path metadata) throws Throwable {
        Object loaded = FlinkTruth.load(Files.readAllBytes(metadata), metadata.toString());
        Heads heads = new Heads();
        List<Object> handles = new ArrayList<>();
        List<Object> counts = new ArrayList<>();
        List<Object> tables = new ArrayList<>();
        int missing = 0;
        for (ManagedHandle handle : ManagedHandle.allOf(loaded)) {
            // Head and body are read together: where the stream is not kept, neither is known.
            if (!handle.isKept()) {
                missing++;
                continue;
            }
            Map<String, Object> one = handle.place();
            one.put("head", heads.indexOf(handle));
            handles.add(one);
            Map<String, Object> counted = Counts.of(handle, scenario);
            if (counted != null) {
                counts.add(counted);
            }
            tables.addAll(Tables.of(handle, scenario));
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("flink_version", release);
        document.put("heads", heads.all());
        document.put("handles", handles);
        document.put("counts", counts);
        document.put("tables", tables);
        document.put("missing_streams", missing);
        Files.write(
                metadata.resolveSibling("states.json"),
                Json.withElementsOnLines(document, "heads", "handles", "counts", "tables").getBytes(StandardCharsets.UTF_8));
    }
}
