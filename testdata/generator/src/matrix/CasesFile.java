package fixture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;

/** cases.json: a line per case, in the order of the catalogue; some can be run anew while the others stay. */
final class CasesFile {
    private CasesFile() {}

    static Map<String, String> read(Path file) throws Exception {
        Map<String, String> lines = new LinkedHashMap<>();
        if (Files.exists(file)) {
            for (JsonNode one : new ObjectMapper().readTree(Files.readAllBytes(file))) {
                lines.put(one.get("name").asText(), one.toString());
            }
        }
        return lines;
    }

    /** Leaves out what the catalogue no longer has. */
    static void write(Path file, List<Case> cases, Map<String, String> lines) throws Exception {
        String text = cases.stream().map(one -> lines.get(one.name)).filter(Objects::nonNull)
                .collect(Collectors.joining(",\n", "[\n", "\n]\n"));
        Files.write(file, text.getBytes("UTF-8"));
    }
}
