import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.stream.Stream;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.ha.HAServiceProtocol.RequestSource;
import org.apache.hadoop.ha.HAServiceProtocol.StateChangeRequestInfo;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * An HDFS in one process, on loopback, as clusters in production are: with two NameNodes, or with
 * Kerberos. Arguments: {@code ha} or {@code kerberos}, a directory for everything, and a directory
 * whose content is put into the root of the file system. When it is ready, there is a file
 * {@code ready}, and {@code conf/core-site.xml} is what a client needs. It then does what files
 * with these names ask for, and removes them: {@code failover}, {@code stop-first},
 * {@code stop-data}.
 */
public final class HdfsCluster {
    private static final String SERVICE = "prod";
    private static final String REALM = "EXAMPLE.COM";

    private final Path base;
    private final Configuration conf = new HdfsConfiguration();
    /** What clients have to know. */
    private final Configuration client = new Configuration(false);

    private HdfsCluster(Path base) {
        this.base = base;
    }

    public static void main(String[] args) throws Exception {
        DefaultMetricsSystem.setMiniClusterMode(true);
        HdfsCluster cluster = new HdfsCluster(Paths.get(args[1]).toAbsolutePath());
        cluster.common();
        NameNode[] nameNodes = args[0].equals("ha") ? cluster.pair() : cluster.secured();
        DataNode dataNode = DataNode.createDataNode(new String[0], new Configuration(cluster.conf));
        while (!dataNode.isDatanodeFullyStarted() || nameNodes[0].isInSafeMode()) {
            Thread.sleep(50);
        }
        cluster.fill(Paths.get(args[2]));
        Path directory = Files.createDirectories(cluster.base.resolve("conf"));
        try (OutputStream out = Files.newOutputStream(directory.resolve("core-site.xml"))) {
            cluster.client.writeXml(out);
        }
        Files.createFile(cluster.base.resolve("ready"));
        while (true) {
            if (cluster.isAsked("failover")) {
                nameNodes[0].getRpcServer().transitionToStandby(byHand());
                nameNodes[1].getRpcServer().transitionToActive(byHand());
                cluster.done("failover");
            }
            if (cluster.isAsked("stop-first")) {
                nameNodes[0].stop();
                cluster.done("stop-first");
            }
            if (cluster.isAsked("stop-data")) {
                dataNode.shutdown();
                cluster.done("stop-data");
            }
            Thread.sleep(50);
        }
    }

    private void common() {
        conf.set("dfs.namenode.name.dir", base.resolve("name").toUri().toString());
        conf.set("dfs.datanode.data.dir", base.resolve("data").toUri().toString());
        for (String address : new String[] {
                "dfs.namenode.http-address", "dfs.datanode.address", "dfs.datanode.ipc.address",
                "dfs.datanode.http.address"}) {
            conf.set(address, "127.0.0.1:0");
        }
        conf.setInt("dfs.replication", 1);
        conf.setInt("dfs.namenode.safemode.extension", 0);
        conf.setBoolean("dfs.namenode.datanode.registration.ip-hostname-check", false);
    }

    /** Two NameNodes that share their edits through a directory; the first is active. */
    private NameNode[] pair() throws Exception {
        both("fs.defaultFS", "hdfs://" + SERVICE);
        both("dfs.nameservices", SERVICE);
        both("dfs.ha.namenodes." + SERVICE, "nn1,nn2");
        both("dfs.client.failover.proxy.provider." + SERVICE,
                "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider");
        String[] ids = {"nn1", "nn2"};
        for (String id : ids) {
            String suffix = "." + SERVICE + "." + id;
            both("dfs.namenode.rpc-address" + suffix, "127.0.0.1:" + freePort());
            conf.set("dfs.namenode.http-address" + suffix, "127.0.0.1:" + freePort());
            conf.set("dfs.namenode.name.dir" + suffix, base.resolve(id).toUri().toString());
        }
        conf.set("dfs.namenode.shared.edits.dir", base.resolve("edits").toUri().toString());
        conf.setInt("dfs.ha.tail-edits.period", 1);

        NameNode.format(of("nn1"));
        copy(base.resolve("nn1"), base.resolve("nn2"));
        NameNode[] nameNodes = new NameNode[ids.length];
        for (int i = 0; i < ids.length; i++) {
            nameNodes[i] = NameNode.createNameNode(new String[0], of(ids[i]));
        }
        nameNodes[0].getRpcServer().transitionToActive(byHand());
        return nameNodes;
    }

    /** One NameNode; nobody gets anything without a ticket. */
    private NameNode[] secured() throws Exception {
        both("fs.defaultFS", "hdfs://localhost:" + freePort());
        both("hadoop.security.authentication", "kerberos");
        both("dfs.data.transfer.protection", "privacy");
        both("hadoop.rpc.protection", "privacy");
        both("dfs.namenode.kerberos.principal", "nn/localhost@" + REALM);
        conf.set("dfs.datanode.kerberos.principal", "nn/localhost@" + REALM);
        conf.set("dfs.web.authentication.kerberos.principal", "HTTP/localhost@" + REALM);
        for (String name : new String[] {
                "dfs.namenode.keytab.file", "dfs.datanode.keytab.file",
                "dfs.web.authentication.kerberos.keytab"}) {
            conf.set(name, base.resolve("server.keytab").toString());
        }
        conf.setBoolean("dfs.block.access.token.enable", true);
        conf.setBoolean("ignore.secure.ports.for.testing", true);
        UserGroupInformation.setConfiguration(conf);
        NameNode.format(conf);
        return new NameNode[] {NameNode.createNameNode(new String[0], conf)};
    }

    private void both(String name, String value) {
        conf.set(name, value);
        client.set(name, value);
    }

    private Configuration of(String id) {
        Configuration copy = new Configuration(conf);
        copy.set("dfs.ha.namenode.id", id);
        return copy;
    }

    private void fill(Path from) throws IOException {
        try (FileSystem files = FileSystem.newInstance(conf); Stream<Path> entries = Files.list(from)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                files.copyFromLocalFile(new org.apache.hadoop.fs.Path(entry.toUri()),
                        new org.apache.hadoop.fs.Path("/"));
            }
        }
    }

    private boolean isAsked(String what) {
        return Files.exists(base.resolve(what));
    }

    private void done(String what) throws IOException {
        Files.delete(base.resolve(what));
    }

    private static StateChangeRequestInfo byHand() {
        return new StateChangeRequestInfo(RequestSource.REQUEST_BY_USER);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }
}
