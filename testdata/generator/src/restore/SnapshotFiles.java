package fixture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files that a snapshot needs, as Flink's own loader tells them. */
final class SnapshotFiles {
    /** A file and what the snapshot uses it for. */
    static final class Needed {
        final Path path;
        final String what;

        Needed(Path path, String what) {
            this.path = path;
            this.what = what;
        }

        /** Without operator, subtask and the number of a database file. */
        String kind() {
            return what.replaceFirst("^\\S+ (\\d+ )?", "").replaceAll("[0-9]+", "");
        }
    }

    private SnapshotFiles() {}

    /** The directory of the snapshot that was written last. */
    static Path newestSnapshot() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path root : Arrays.asList(Session.CHECKPOINTS, Session.SAVEPOINTS)) {
            if (Files.exists(root)) {
                try (Stream<Path> tree = Files.walk(root)) {
                    tree.filter(path -> path.endsWith("_metadata")).forEach(found::add);
                }
            }
        }
        return found.stream()
                .max(Comparator.comparing(SnapshotFiles::modified))
                .orElseThrow(() -> new IOException("no snapshot was written"))
                .getParent();
    }

    /** In the order of the metadata; a file that several handles share is listed once. */
    static List<Needed> needed(String release, Path snapshot) throws Throwable {
        Map<Path, Needed> files = new LinkedHashMap<>();
        Map<String, Object> document = FlinkTruth.describe(release, snapshot.resolve("_metadata"));
        for (Object operator : (Collection<?>) document.get("operators")) {
            collect(operator, "", files);
        }
        return new ArrayList<>(files.values());
    }

    /** Every kind of file in turn until there are enough, in the order of the metadata. */
    static List<Needed> sample(List<Needed> files, int limit) {
        Map<String, List<Needed>> kinds = new LinkedHashMap<>();
        for (Needed file : files) {
            kinds.computeIfAbsent(file.kind(), kind -> new ArrayList<>()).add(file);
        }
        Set<Needed> chosen = new HashSet<>();
        for (int round = 0; round < files.size(); round++) {
            for (List<Needed> kind : kinds.values()) {
                if (round < kind.size() && chosen.size() < limit) {
                    chosen.add(kind.get(round));
                }
            }
        }
        return files.stream().filter(chosen::contains).collect(Collectors.toList());
    }

    private static void collect(Object node, String place, Map<Path, Needed> files) {
        if (node instanceof Collection) {
            for (Object element : (Collection<?>) node) {
                collect(element, place, files);
            }
        } else if (node instanceof Map) {
            Map<?, ?> object = (Map<?, ?>) node;
            String here = place + label(object);
            if (object.get("path") != null) {
                Path path = Paths.get(URI.create(object.get("path").toString()).getPath());
                files.putIfAbsent(path, new Needed(path, here.trim()));
            }
            for (Map.Entry<?, ?> entry : object.entrySet()) {
                if (entry.getValue() instanceof Map || entry.getValue() instanceof Collection) {
                    collect(entry.getValue(), here + step(entry.getKey().toString()), files);
                }
            }
        }
    }

    /** What tells this object from its siblings. */
    private static String label(Map<?, ?> object) {
        if (object.containsKey("operator_id")) {
            return object.get("operator_id").toString().substring(0, 8);
        }
        if (object.containsKey("index")) {
            return " " + object.get("index");
        }
        return object.containsKey("stream") && object.containsKey("name") ? " " + object.get("name") : "";
    }

    private static String step(String key) {
        return key.equals("stream") || key.equals("subtasks") ? "" : " " + key;
    }

    private static long modified(Path path) {
        try {
            return Files.getLastModifiedTime(path).toMillis();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
