package fixture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexType;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.rocksdb.StringAppendOperator;

/**
 * Writes one SST per kind of file that the RocksDB of a Flink release can make, and beside it what
 * RocksDB itself says of it. Usage: SstFixtures DIRECTORY [ENTRIES]
 */
public final class SstFixtures {
  private final Path directory;
  private final int entries;

  private SstFixtures(Path directory, int entries) {
    this.directory = directory;
    this.entries = entries;
  }

  public static void main(String[] args) throws Exception {
    RocksDB.loadLibrary();
    int entries = args.length > 1 ? Integer.parseInt(args[1]) : 16;
    Path directory = Files.createDirectories(Path.of(args[0]));
    new SstFixtures(directory, entries).writeAll();
  }

  private void writeAll() throws Exception {
    for (int version = 0; version <= 6; version++) {
      for (ChecksumType checksum : ChecksumType.values()) {
        if (version > 0 || checksum == ChecksumType.kCRC32c) {
          table("v" + version + "-" + checksum.name().substring(1).toLowerCase(), version, checksum);
        }
      }
    }
    for (CompressionType compression : CompressionType.values()) {
      Consumer<ColumnFamilyOptions> options = o -> o.setCompressionType(compression);
      flushed("compressed-" + compression.name().split("_")[0].toLowerCase(), "state", table(), options);
    }
    BlockBasedTableConfig partitioned =
        table()
            .setIndexType(IndexType.kTwoLevelIndexSearch)
            .setPartitionFilters(true)
            .setMetadataBlockSize(64)
            .setBlockSize(64)
            .setFilterPolicy(new BloomFilter(10, false));
    flushed("partitioned", "état 😀", partitioned, o -> {});
    // Properties that do not fit into the part of the file that is read first.
    flushed("long-name", "x".repeat(4200), table(), o -> {});
    flushed("plain-table", "state", null, o -> o.setTableFormatConfig(new PlainTableConfig()));
    ingested("ingested");
  }

  private static BlockBasedTableConfig table() {
    return new BlockBasedTableConfig();
  }

  private void table(String name, int version, ChecksumType checksum) throws Exception {
    flushed(name, "state", table().setFormatVersion(version).setChecksumType(checksum), o -> {});
  }

  /** A file as a running job writes it: puts, merges, deletions of one key and of a range. */
  private void flushed(
      String name, String state, BlockBasedTableConfig table, Consumer<ColumnFamilyOptions> settings)
      throws Exception {
    Path database = Files.createTempDirectory("sst-fixture");
    try {
      write(database, state, table, settings);
      keep(name, database);
    } catch (RocksDBException unavailable) {
      System.err.println(name + ": " + unavailable.getMessage());
    }
    delete(database);
  }

  private void write(
      Path database, String state, BlockBasedTableConfig table, Consumer<ColumnFamilyOptions> settings)
      throws Exception {
    try (ColumnFamilyOptions options = new ColumnFamilyOptions();
        DBOptions dbOptions =
            new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setAllowMmapReads(table == null)) {
      options.setMergeOperator(new StringAppendOperator(','));
      options.setDisableAutoCompactions(true).setWriteBufferSize(256L << 20);
      options.setCompressionType(CompressionType.NO_COMPRESSION);
      if (table != null) {
        options.setTableFormatConfig(table);
      } else {
        options.useFixedLengthPrefixExtractor(4);
      }
      settings.accept(options);
      List<ColumnFamilyDescriptor> families =
          List.of(
              new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
              new ColumnFamilyDescriptor(state.getBytes(StandardCharsets.UTF_8), options));
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      try (RocksDB db = RocksDB.open(dbOptions, database.toString(), families, handles)) {
        ColumnFamilyHandle handle = handles.get(1);
        for (int i = 0; i < entries; i++) {
          db.put(handle, key(i), ("value " + i).repeat(3).getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < entries / 8; i++) {
          db.merge(handle, key(entries + i), "element".getBytes(StandardCharsets.UTF_8));
          db.delete(handle, key(2 * entries + i));
        }
        if (table != null) {
          db.deleteRange(handle, key(3 * entries), key(4 * entries));
        }
        db.flush(new FlushOptions().setWaitForFlush(true), handle);
        handles.forEach(ColumnFamilyHandle::close);
      }
    }
  }

  /** A file written outside a database, which then sets a sequence number in it. */
  private void ingested(String name) throws Exception {
    Path database = Files.createTempDirectory("sst-fixture");
    Path outside = database.resolve("outside");
    try (Options options = new Options().setCreateIfMissing(true)) {
      try (SstFileWriter writer = new SstFileWriter(new EnvOptions(), options)) {
        writer.open(outside.toString());
        for (int i = 0; i < entries; i++) {
          writer.put(key(i), new byte[] {1});
        }
        writer.finish();
      }
      try (RocksDB db = RocksDB.open(options, database.toString());
          IngestExternalFileOptions ingest =
              new IngestExternalFileOptions().setWriteGlobalSeqno(true).setMoveFiles(true)) {
        db.put(key(0), new byte[] {2});
        db.flush(new FlushOptions().setWaitForFlush(true));
        long before = db.getLatestSequenceNumber();
        db.ingestExternalFile(List.of(outside.toString()), ingest);
        if (db.getLatestSequenceNumber() == before) {
          throw new IllegalStateException("no sequence number was set");
        }
      }
    }
    keep(name, database);
    delete(database);
  }

  private static byte[] key(int number) {
    return String.format("key %08d", number).getBytes(StandardCharsets.UTF_8);
  }

  /** Copies the newest SST of a database and describes it. */
  private void keep(String name, Path database) throws Exception {
    Path table = directory.resolve(name + ".sst");
    try (Stream<Path> files = Files.list(database)) {
      Path newest =
          files
              .filter(file -> file.toString().endsWith(".sst"))
              .max(Comparator.comparing(file -> file.getFileName().toString()))
              .orElseThrow();
      Files.copy(newest, table, StandardCopyOption.REPLACE_EXISTING);
    }
    String json = SstTruth.describe(table);
    if (json != null) {
      Files.writeString(directory.resolve(name + ".json"), json + "\n");
    }
  }

  private static void delete(Path database) throws Exception {
    try (Stream<Path> files = Files.walk(database)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }
}
