package fixture;

import java.net.URI;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.EntropyInjectingFileSystem;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.core.plugin.PluginManager;
import org.apache.flink.util.StringUtils;

/**
 * Local disk with entropy, which Flink has for S3 only: Flink itself puts random characters in place of the marker in
 * the paths of state, and takes it out of those of metadata. Paths without the marker are what they always are.
 */
final class EntropyFiles extends LocalFileSystem implements EntropyInjectingFileSystem {
    static final String MARKER = "_entropy_";
    /** As s3.entropy.length has it by default. */
    private static final int LENGTH = 4;

    /** From now on, file: is this. */
    static void install() {
        FileSystem.initialize(new Configuration(), new PluginManager() {
            @Override
            public <P> Iterator<P> load(Class<P> service) {
                return service == FileSystemFactory.class
                        ? Collections.singletonList(service.cast(new Factory())).iterator()
                        : Collections.emptyIterator();
            }
        });
    }

    @Override
    public String getEntropyInjectionKey() {
        return MARKER;
    }

    @Override
    public String generateEntropy() {
        return StringUtils.generateRandomAlphanumericString(ThreadLocalRandom.current(), LENGTH);
    }

    private static final class Factory implements FileSystemFactory {
        @Override
        public String getScheme() {
            return "file";
        }

        @Override
        public FileSystem create(URI uri) {
            return new EntropyFiles();
        }

        /** Since 2.x the highest of a scheme counts; before, the last. */
        public int getPriority() {
            return 1000;
        }
    }
}
