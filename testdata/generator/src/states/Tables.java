package fixture;

import java.io.FileNotFoundException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.state.StreamStateHandle;

/** What RocksDB or ForSt say about their own sorted files. */
final class Tables {
    /** Of all getters those that tell what is inside; the others are about how it was made. */
    private static final List<String> GETTERS = Arrays.asList(
            "ColumnFamilyId", "DataSize", "IndexSize", "FilterSize", "RawKeySize", "RawValueSize", "NumEntries",
            "NumDeletions", "NumMergeOperands", "NumRangeDeletions", "NumDataBlocks", "FormatVersion",
            "FixedKeyLen", "IndexPartitions", "CreationTime", "OldestKeyTime", "CompressionName");

    private Tables() {}

    static List<Object> of(ManagedHandle handle, String scenario) throws Throwable {
        List<Object> out = new ArrayList<>();
        String database = scenario.contains("forst") ? "org.forstdb." : "org.rocksdb.";
        // The RocksDB of 1.13 is too old to be asked.
        if (handle.isIncremental() && Reflect.exists(database + "SstFileReader")) {
            addAll(out, handle, "shared", Reflect.call(handle.handle, "getSharedState"), database);
            addAll(out, handle, "private", Reflect.call(handle.handle, "getPrivateState"), database);
        }
        return out;
    }

    private static void addAll(List<Object> out, ManagedHandle handle, String list, Object files, String database)
            throws Throwable {
        for (Map.Entry<String, StreamStateHandle> file : named(files).entrySet()) {
            Path copy = file.getKey().endsWith(".sst") ? copy(file.getValue()) : null;
            if (copy != null) {
                Map<String, Object> one = handle.place();
                one.put("list", list);
                one.put("name", file.getKey());
                one.putAll(properties(copy, database));
                out.add(one);
                Files.delete(copy);
            }
        }
    }

    /** A list of (handle, local path) in newer releases, a map in older ones. */
    private static Map<String, StreamStateHandle> named(Object files) throws Throwable {
        Map<String, StreamStateHandle> out = new TreeMap<>();
        if (files instanceof Map) {
            for (Map.Entry<?, ?> file : ((Map<?, ?>) files).entrySet()) {
                out.put((String) Reflect.call(file.getKey(), "getKeyString"), (StreamStateHandle) file.getValue());
            }
        } else {
            for (Object file : (Collection<?>) files) {
                out.put((String) Reflect.call(file, "getLocalPath"),
                        (StreamStateHandle) Reflect.call(file, "getHandle"));
            }
        }
        return out;
    }

    /** The database reads local files only, and the stream may be inline bytes or part of a larger file. */
    private static Path copy(StreamStateHandle stream) throws Exception {
        try (InputStream input = stream.openInputStream()) {
            Path copy = Files.createTempFile("table", ".sst");
            Files.copy(input, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (FileNotFoundException | java.nio.file.NoSuchFileException e) {
            return null;
        }
    }

    private static Map<String, Object> properties(Path file, String database) throws Throwable {
        loadLibrary(database);
        try (AutoCloseable options = (AutoCloseable) Reflect.create(Reflect.type(database + "Options"));
                AutoCloseable reader = (AutoCloseable)
                        Reflect.create(Reflect.type(database + "SstFileReader"), options)) {
            Reflect.call(reader, "open", file.toString());
            return describe(Reflect.call(reader, "getTableProperties"));
        }
    }

    private static Map<String, Object> describe(Object properties) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        byte[] family = (byte[]) Reflect.call(properties, "getColumnFamilyName");
        out.put("column_family_name", new String(family, StandardCharsets.UTF_8));
        for (String getter : GETTERS) {
            String name = getter.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
            out.put(name, Reflect.call(properties, "get" + getter));
        }
        return out;
    }

    private static void loadLibrary(String database) throws Throwable {
        Class<?> loader = Reflect.type(database + "NativeLibraryLoader");
        Object instance = Reflect.callStatic(loader, "getInstance");
        Reflect.call(instance, "loadLibrary", System.getProperty("java.io.tmpdir"));
    }
}
