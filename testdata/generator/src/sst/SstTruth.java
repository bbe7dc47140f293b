package fixture;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Scanner;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.TableProperties;

/** The table properties of an SST as RocksDB itself reads them. Usage: SstTruth < file names */
public final class SstTruth {
  /** RocksDB's number for "not known". */
  private static final long UNKNOWN_COLUMN_FAMILY = 0x7fffffffL;

  public static void main(String[] args) {
    RocksDB.loadLibrary();
    Scanner names = new Scanner(System.in, StandardCharsets.UTF_8);
    while (names.hasNextLine()) {
      String name = names.nextLine();
      System.out.println(name + "\t" + describe(Path.of(name)));
    }
  }

  /** As JSON in one line; null for a file that RocksDB does not read as a block-based table. */
  static String describe(Path table) {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(table.toString());
      TableProperties p = reader.getTableProperties();
      byte[] name = p.getColumnFamilyName();
      StringBuilder json = new StringBuilder("{");
      field(json, "column_family_name", name == null ? null : text(new String(name, StandardCharsets.UTF_8)));
      long id = p.getColumnFamilyId();
      field(json, "column_family_id", id == UNKNOWN_COLUMN_FAMILY ? null : id);
      field(json, "data_size", p.getDataSize());
      field(json, "index_size", p.getIndexSize());
      field(json, "filter_size", p.getFilterSize());
      field(json, "raw_key_size", p.getRawKeySize());
      field(json, "raw_value_size", p.getRawValueSize());
      field(json, "num_entries", p.getNumEntries());
      field(json, "num_deletions", p.getNumDeletions());
      field(json, "num_merge_operands", p.getNumMergeOperands());
      field(json, "num_range_deletions", p.getNumRangeDeletions());
      field(json, "num_data_blocks", p.getNumDataBlocks());
      field(json, "creation_time", known(p.getCreationTime()));
      field(json, "oldest_key_time", known(p.getOldestKeyTime()));
      field(json, "compression_name", text(p.getCompressionName()));
      field(json, "comparator_name", text(p.getComparatorName()));
      return json.append('}').toString();
    } catch (RocksDBException refused) {
      System.err.println(table + ": " + refused.getMessage());
      return null;
    }
  }

  private static void field(StringBuilder json, String name, Object value) {
    json.append(json.length() > 1 ? ", " : "").append('"').append(name).append("\": ").append(value);
  }

  private static Long known(long time) {
    return time == 0 ? null : time;
  }

  private static String text(String value) {
    if (value == null || value.isEmpty()) {
      return null;
    }
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
