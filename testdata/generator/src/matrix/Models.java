package fixture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** State classes in several versions, each in a directory of its own, as a new jar would bring them. */
final class Models {
    static final String OLD = "old";
    private static final Path ROOT = Paths.get(System.getProperty("fixture.models", "/data/flink-matrix/models"));
    private static final String FIELDS = "public long number; public String name; public int visits;";
    private static final String LEVELS = "LOW, MID, HIGH";

    private Models() {}

    static Path directory(String version) {
        return ROOT.resolve(version);
    }

    /** By the class loader of the running job. */
    static Class<?> load(String name) throws ClassNotFoundException {
        return Class.forName("model." + name, true, Thread.currentThread().getContextClassLoader());
    }

    static void compileAll() throws IOException {
        compile(OLD, FIELDS, LEVELS);
        compile("field-added", FIELDS + "public String city;", LEVELS);
        compile("field-removed", "public long number; public String name;", LEVELS);
        compile("field-type", FIELDS.replace("int visits", "long visits"), LEVELS);
        compile("field-renamed", FIELDS.replace("visits", "visitCount"), LEVELS);
        // Without an empty constructor Flink knows no fields: a generic type.
        compile("no-pojo", FIELDS + "private int hidden;", LEVELS);
        compile("constant-added", FIELDS, "LOW, MID, HIGH, TOP");
        compile("constant-removed", FIELDS, "MID, HIGH");
        compile("constants-reordered", FIELDS, "HIGH, MID, LOW");
        Files.createDirectories(directory("none"));
    }

    private static void compile(String version, String fields, String constants) throws IOException {
        Path sources = Files.createDirectories(directory(version).resolve("model"));
        Path profile = Files.write(sources.resolve("Profile.java"),
                ("package model; public class Profile { " + fields + " public Profile() {} }").getBytes());
        Path level = Files.write(sources.resolve("Level.java"),
                ("package model; public enum Level { " + constants + " }").getBytes());
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        int status = compiler.run(null, null, System.err,
                "--release", "11", "-proc:none", "-d", directory(version).toString(), profile.toString(), level.toString());
        if (status != 0) {
            throw new IOException("model classes of version " + version + " do not compile");
        }
        for (Path source : Arrays.asList(profile, level)) {
            Files.delete(source);
        }
    }
}
