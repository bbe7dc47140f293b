package fixture;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Puts the directories of a scenario back, as links, where Flink wrote them: recorded paths lead to files again. */
final class FixtureTree implements AutoCloseable {
    private final List<Path> links = new ArrayList<>();

    private FixtureTree() {}

    static FixtureTree inPlace(Path scenario) throws IOException {
        FixtureTree tree = new FixtureTree();
        for (Path directory : directories(scenario.toRealPath())) {
            tree.link(directory, placeOf(directory));
        }
        return tree;
    }

    /** The inverse of what the generator does when it copies. */
    private static Path placeOf(Path directory) {
        Path name = directory.getFileName();
        if (name.toString().startsWith("savepoint-")) {
            return Session.SAVEPOINTS.resolve(name);
        }
        return name.equals(Session.CHANGELOG.getFileName()) ? Session.CHANGELOG : Session.CHECKPOINTS.resolve(name);
    }

    private void link(Path directory, Path place) throws IOException {
        Files.createDirectories(place.getParent());
        Files.createSymbolicLink(place, directory);
        links.add(place);
    }

    List<Path> metadataFiles() throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path root : Arrays.asList(Session.CHECKPOINTS, Session.SAVEPOINTS)) {
            if (Files.exists(root)) {
                try (Stream<Path> tree = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
                    tree.filter(path -> path.endsWith("_metadata")).sorted().forEach(found::add);
                }
            }
        }
        return found;
    }

    static List<Path> directories(Path parent) throws IOException {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).sorted().collect(Collectors.toList());
        }
    }

    @Override
    public void close() throws IOException {
        for (Path link : links) {
            Files.delete(link);
        }
    }
}
