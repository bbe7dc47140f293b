package fixture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What happens to the files of a snapshot before the restore; described so that others can do the same. */
final class Damage {
    private final String kind;
    private final String where;
    private final int bytes;
    private int rank;
    private String name;
    /** The file that was picked, relative to the base's directory. */
    private String path;

    private Damage(String kind, String where, int bytes) {
        this.kind = kind;
        this.where = where;
        this.bytes = bytes;
    }

    /** Of the files whose path holds that text, the largest. */
    static Damage missing(String where) {
        return new Damage("missing", where, 0);
    }

    static Damage cut(String where, int bytes) {
        return new Damage("cut", where, bytes);
    }

    static Damage longer(String where, int bytes) {
        return new Damage("longer", where, bytes);
    }

    /** The directory of the snapshot alone, what it refers to elsewhere stays. */
    static Damage movedSnapshot() {
        return new Damage("moved-snapshot", null, 0);
    }

    /** Everything the job has written. */
    static Damage movedAll() {
        return new Damage("moved-all", null, 0);
    }

    Damage named(String what) {
        name = what;
        return this;
    }

    String name() {
        return name;
    }

    /** Not the largest of the files, but the second. */
    Damage second() {
        rank = 1;
        return this;
    }

    boolean moves() {
        return where == null;
    }

    boolean movesAll() {
        return kind.equals("moved-all");
    }

    Map<String, Object> describe() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("kind", kind);
        if (path != null) {
            out.put("path", path);
        }
        if (bytes > 0) {
            out.put("bytes", bytes);
        }
        return out;
    }

    void apply(Path root) throws IOException {
        if (where == null) {
            return;
        }
        Path file = pick(root);
        path = root.relativize(file).toString();
        byte[] content = Files.readAllBytes(file);
        if (kind.equals("missing")) {
            Files.delete(file);
        } else {
            Files.write(file, Arrays.copyOf(content, content.length + (kind.equals("cut") ? -bytes : bytes)));
        }
    }

    /** Of the files that the snapshot names: others may lie about from checkpoints before. */
    private Path pick(Path root) throws IOException {
        Path metadata = Base.snapshotIn(root).resolve("_metadata");
        String named = new String(Files.readAllBytes(metadata), StandardCharsets.ISO_8859_1);
        try (Stream<Path> tree = Files.walk(root)) {
            List<Path> files = tree.filter(Files::isRegularFile)
                    .filter(file -> root.relativize(file).toString().contains(where))
                    .filter(file -> !file.toString().endsWith(".json"))
                    .filter(file -> where.equals("_metadata") ? file.equals(metadata)
                            : !file.equals(metadata) && (where.startsWith(Base.OUTPUT)
                                    || named.contains(file.getFileName().toString())))
                    .sorted((a, b) -> Long.compare(b.toFile().length(), a.toFile().length()))
                    .collect(Collectors.toList());
            if (files.size() <= rank) {
                throw new IOException("no file like " + where + " in " + root);
            }
            return files.get(rank);
        }
    }
}
