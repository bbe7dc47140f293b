package fixture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files below some directories, kept in memory: scenarios write little. */
final class Tree {
    private final List<Path> roots;
    private final Map<Path, byte[]> files = new LinkedHashMap<>();
    private final Map<Path, FileTime> times = new LinkedHashMap<>();

    private Tree(List<Path> roots) {
        this.roots = roots;
    }

    static Tree remember(Path... roots) throws IOException {
        Tree tree = new Tree(Arrays.asList(roots));
        for (Path root : roots) {
            for (Path file : tree.filesBelow(root)) {
                tree.files.put(file, Files.readAllBytes(file));
                tree.times.put(file, Files.getLastModifiedTime(file));
            }
        }
        return tree;
    }

    /** Remembered files that are gone or have other bytes now. */
    List<Path> changed() throws IOException {
        List<Path> out = new ArrayList<>();
        for (Map.Entry<Path, byte[]> file : files.entrySet()) {
            boolean same = Files.exists(file.getKey())
                    && Arrays.equals(Files.readAllBytes(file.getKey()), file.getValue());
            if (!same) {
                out.add(file.getKey());
            }
        }
        return out;
    }

    /** Undoes every change, also what a restored job has added. */
    void restore() throws IOException {
        for (Path file : changed()) {
            putBack(file);
        }
        for (Path root : roots) {
            for (Path file : filesBelow(root)) {
                if (!files.containsKey(file)) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Puts back what is gone, and leaves everything else as it is. */
    void putBackMissing() throws IOException {
        for (Path file : files.keySet()) {
            if (!Files.exists(file)) {
                putBack(file);
            }
        }
    }

    private void putBack(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, files.get(file));
        Files.setLastModifiedTime(file, times.get(file));
    }

    private List<Path> filesBelow(Path root) throws IOException {
        if (!Files.exists(root)) {
            return Arrays.asList();
        }
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.filter(Files::isRegularFile).collect(Collectors.toList());
        }
    }
}
