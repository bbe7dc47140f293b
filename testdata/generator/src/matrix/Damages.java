package fixture;

/** Files that are gone, cut, longer, or elsewhere. */
final class Damages {
    private Damages() {}

    static void add(Cases cases) {
        for (String base : new String[] {"savepoint-files", "native-rocksdb"}) {
            cases.damaged(base, "file-missing", Damage.missing(""))
                    .damaged(base, "file-cut", Damage.cut("", 1))
                    .damaged(base, "file-longer", Damage.longer("", 1))
                    .damaged(base, "moved", Damage.movedAll());
        }
        // The largest file of a small RocksDB is its OPTIONS, which nobody reads; the second is the SST.
        cases.damaged("native-rocksdb", "sst-missing", Damage.missing("").second())
                .damaged("native-rocksdb", "sst-cut", Damage.cut("", 1).second())
                .damaged("native-rocksdb", "sst-longer", Damage.longer("", 1).second())
                .damaged("incremental", "sst-cut", Damage.cut("shared/", 1).second())
                .damaged("incremental", "sst-longer", Damage.longer("shared/", 1).second());
        cases.damaged("sink", "output-file-missing", Damage.missing("output/"))
                .damaged("small", "metadata-cut", Damage.cut("_metadata", 1))
                .damaged("small", "metadata-halved", Damage.cut("_metadata", 1000))
                .damaged("small", "metadata-longer", Damage.longer("_metadata", 3))
                .damaged("small", "moved", Damage.movedAll())
                .damaged("incremental", "shared-file-missing", Damage.missing("shared/"))
                .damaged("incremental", "shared-file-cut", Damage.cut("shared/", 1))
                .damaged("incremental", "exclusive-file-missing", Damage.missing("chk-"))
                .damaged("incremental", "moved-without-shared", Damage.movedSnapshot())
                .damaged("incremental", "moved-with-shared", Damage.movedAll())
                .damaged("changelog", "change-file-missing", Damage.missing("dstl"))
                .damaged("changelog", "change-file-cut", Damage.cut("dstl", 1))
                .damaged("changelog", "moved-snapshot", Damage.movedSnapshot())
                .damaged("file-merging", "merged-file-missing", Damage.missing("taskowned"))
                .damaged("file-merging", "moved-snapshot", Damage.movedSnapshot())
                .damaged("file-merging", "moved-all", Damage.movedAll());
    }
}
