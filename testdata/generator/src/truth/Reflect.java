package fixture;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/** Reaches classes and members that not every Flink release has, or that are not public. */
final class Reflect {
    private Reflect() {}

    /** Thrown when the release at hand has no such member; callers may treat it as "unknown". */
    static final class Missing extends RuntimeException {
        Missing(String what) {
            super(what);
        }
    }

    static Class<?> type(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new Missing(name);
        }
    }

    static boolean exists(String typeName) {
        try {
            type(typeName);
            return true;
        } catch (Missing e) {
            return false;
        }
    }

    static Object call(Object target, String name, Object... arguments) throws Throwable {
        for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
            Method method = find(type, name, arguments);
            if (method != null) {
                return invoke(method, target, arguments);
            }
        }
        Method inherited = findInterfaceMethod(target.getClass(), name, arguments);
        if (inherited != null) {
            return invoke(inherited, target, arguments);
        }
        throw new Missing(target.getClass().getName() + "." + name);
    }

    /** Null if the release has no such method. */
    static Object callIfPresent(Object target, String name) throws Throwable {
        try {
            return call(target, name);
        } catch (Missing e) {
            return null;
        }
    }

    static Object callStatic(Class<?> type, String name, Object... arguments) throws Throwable {
        Method method = find(type, name, arguments);
        if (method == null) {
            throw new Missing(type.getName() + "." + name);
        }
        return invoke(method, null, arguments);
    }

    static Object create(Class<?> type, Object... arguments) throws Throwable {
        for (Constructor<?> constructor : type.getDeclaredConstructors()) {
            if (accepts(constructor.getParameterTypes(), arguments)) {
                constructor.setAccessible(true);
                try {
                    return constructor.newInstance(arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                }
            }
        }
        throw new Missing("constructor of " + type.getName());
    }

    static boolean hasMethod(Class<?> type, String name) {
        for (Class<?> current = type; current != null; current = current.getSuperclass()) {
            for (Method method : current.getDeclaredMethods()) {
                if (method.getName().equals(name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Null if the release has no such field. */
    static Object fieldIfPresent(Object target, String name) throws IllegalAccessException {
        for (Class<?> type = target.getClass(); type != null; type = type.getSuperclass()) {
            try {
                Field field = type.getDeclaredField(name);
                field.setAccessible(true);
                return field.get(target);
            } catch (NoSuchFieldException e) {
                // Look in the superclass.
            }
        }
        return null;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static Object enumConstant(String typeName, String constant) {
        return Enum.valueOf((Class) type(typeName), constant);
    }

    private static Method findInterfaceMethod(Class<?> type, String name, Object[] arguments) {
        for (Class<?> current = type; current != null; current = current.getSuperclass()) {
            for (Class<?> implemented : current.getInterfaces()) {
                Method method = find(implemented, name, arguments);
                if (method == null) {
                    method = findInterfaceMethod(implemented, name, arguments);
                }
                if (method != null) {
                    return method;
                }
            }
        }
        return null;
    }

    private static Method find(Class<?> type, String name, Object[] arguments) {
        for (Method method : type.getDeclaredMethods()) {
            boolean hasBody = !Modifier.isAbstract(method.getModifiers());
            if (method.getName().equals(name) && hasBody && accepts(method.getParameterTypes(), arguments)) {
                return method;
            }
        }
        return null;
    }

    private static Object invoke(Method method, Object target, Object[] arguments) throws Throwable {
        method.setAccessible(true);
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static boolean accepts(Class<?>[] parameters, Object[] arguments) {
        if (parameters.length != arguments.length) {
            return false;
        }
        for (int i = 0; i < parameters.length; i++) {
            boolean fits = arguments[i] == null
                    ? !parameters[i].isPrimitive()
                    : boxed(parameters[i]).isInstance(arguments[i]);
            if (!fits) {
                return false;
            }
        }
        return true;
    }

    private static Class<?> boxed(Class<?> type) {
        if (type == int.class) {
            return Integer.class;
        }
        if (type == long.class) {
            return Long.class;
        }
        return type == boolean.class ? Boolean.class : type;
    }
}
