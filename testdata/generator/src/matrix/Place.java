package fixture;

import java.nio.file.Files;
import java.nio.file.Path;

/** Puts the files of a base where its job wrote them, or where a case wants them. */
final class Place {
    private static final Path ELSEWHERE = Session.BASE.resolve("elsewhere");
    private static final Path SCRATCH = Session.BASE.resolve("tmp").resolve("damaged");

    private Place() {}

    /** Returns the directory to restore from. */
    static Path put(Path base, Damage damage) throws Exception {
        Session.clear();
        Session.delete(ELSEWHERE);
        Session.delete(SCRATCH);
        Trees.copy(base, SCRATCH);
        if (damage != null) {
            damage.apply(SCRATCH);
        }
        Path snapshot = Base.snapshotIn(SCRATCH);
        Path output = SCRATCH.resolve(Base.OUTPUT);
        Trees.copy(output, Session.BASE.resolve(Base.OUTPUT));
        Session.delete(output);
        boolean moved = damage != null && damage.movesAll();
        if (snapshot.equals(SCRATCH)) {
            Path to = (moved ? ELSEWHERE : Session.SAVEPOINTS).resolve(base.getFileName());
            Trees.copy(SCRATCH, to);
            return to;
        }
        Path changelog = SCRATCH.resolve(Base.CHANGELOG);
        Trees.copy(changelog, moved ? ELSEWHERE.resolve(Base.CHANGELOG) : Session.CHANGELOG);
        Session.delete(changelog);
        Path root = moved ? ELSEWHERE.resolve("checkpoints") : Session.CHECKPOINTS;
        Trees.copy(SCRATCH, root);
        Path placed = root.resolve(SCRATCH.relativize(snapshot).toString());
        if (damage != null && damage.moves() && !moved) {
            Path to = Files.createDirectories(ELSEWHERE).resolve(placed.getFileName());
            Trees.copy(placed, to);
            Session.delete(placed);
            return to;
        }
        return placed;
    }
}
