package fixture;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.rpc.RpcSystem;
import org.apache.flink.runtime.rpc.RpcSystemLoader;

/** Since 1.14 every local cluster unpacks and loads the RPC system anew: most of what a short job costs. This one stays. */
public final class SharedRpcSystem implements RpcSystemLoader {
    private static RpcSystem shared;

    /** Before Flink's own, where there is an order. */
    public int getLoadPriority() {
        return -1;
    }

    @Override
    public RpcSystem loadRpcSystem(Configuration configuration) {
        synchronized (SharedRpcSystem.class) {
            if (shared == null) {
                shared = lasting(flinks().loadRpcSystem(configuration));
            }
            return shared;
        }
    }

    private static RpcSystemLoader flinks() {
        for (String name : new String[] {"akka.Akka", "pekko.Pekko"}) {
            String type = "org.apache.flink.runtime.rpc." + name + "RpcSystemLoader";
            if (Reflect.exists(type)) {
                try {
                    return (RpcSystemLoader) Class.forName(type).getConstructor().newInstance();
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        throw new IllegalStateException("this release has no RPC system");
    }

    /** The same, but closing it does nothing. */
    private static RpcSystem lasting(RpcSystem system) {
        return (RpcSystem) Proxy.newProxyInstance(
                SharedRpcSystem.class.getClassLoader(), new Class<?>[] {RpcSystem.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    try {
                        return method.invoke(system, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
