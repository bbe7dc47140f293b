import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/**
 * A NameNode and a DataNode in one process, on loopback, with empty storage below the directory
 * in the first argument. The NameNode's port goes to the file in the second argument.
 */
public final class MiniHdfs {
    public static void main(String[] args) throws Exception {
        DefaultMetricsSystem.setMiniClusterMode(true);
        Path base = Paths.get(args[0]).toAbsolutePath();
        Configuration conf = new HdfsConfiguration();
        conf.set("fs.defaultFS", "hdfs://127.0.0.1:0");
        conf.set("dfs.namenode.name.dir", base.resolve("name").toUri().toString());
        conf.set("dfs.datanode.data.dir", base.resolve("data").toUri().toString());
        for (String address : new String[] {
                "dfs.namenode.http-address", "dfs.namenode.rpc-address", "dfs.datanode.address",
                "dfs.datanode.ipc.address", "dfs.datanode.http.address"}) {
            conf.set(address, "127.0.0.1:0");
        }
        conf.setInt("dfs.replication", 1);
        conf.setLong("dfs.namenode.fs-limits.min-block-size", 4096);
        conf.setInt("dfs.namenode.safemode.extension", 0);
        conf.setBoolean("dfs.namenode.datanode.registration.ip-hostname-check", false);
        conf.setBoolean("dfs.permissions.enabled", true);
        NameNode.format(conf);
        NameNode nameNode = NameNode.createNameNode(new String[0], conf);
        int port = nameNode.getNameNodeAddress().getPort();
        conf.set("fs.defaultFS", "hdfs://127.0.0.1:" + port);
        conf.set("dfs.namenode.rpc-address", "127.0.0.1:" + port);
        DataNode dataNode = DataNode.createDataNode(new String[0], conf);
        while (!dataNode.isDatanodeFullyStarted() || nameNode.isInSafeMode()) {
            Thread.sleep(50);
        }
        Path file = Paths.get(args[1]);
        Path partial = Paths.get(args[1] + ".partial");
        Files.write(partial, (port + "\n").getBytes());
        Files.move(partial, file);
        Thread.currentThread().join();
    }
}
