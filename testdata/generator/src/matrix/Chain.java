package fixture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The causes of an error, outermost first, one line each, without those that say nothing. */
final class Chain {
    private static final List<String> WRAPPERS = Arrays.asList(
            "ExecutionException", "CompletionException", "JobExecutionException", "JobInitializationException",
            "FlinkException", "FlinkRuntimeException", "RuntimeException", "Exception", "JobSubmissionException",
            "BackendBuildingException", "FlinkJobNotFoundException");

    final List<String> lines = new ArrayList<>();
    private final List<String> classes = new ArrayList<>();

    Chain(Throwable error) {
        Throwable cause = error;
        while (cause != null) {
            // A serialized cause carries its class and stack trace as its message.
            String type = cause.getClass().getSimpleName();
            String message = String.valueOf(cause.getMessage()).split("\n", 2)[0].trim();
            if (type.equals("SerializedThrowable")) {
                int colon = message.indexOf(": ");
                String full = colon < 0 ? message : message.substring(0, colon);
                type = full.substring(full.lastIndexOf('.') + 1);
                message = colon < 0 ? "null" : message.substring(colon + 2);
            }
            classes.add(type);
            lines.add(type + ": " + message);
            cause = cause.getCause() == cause ? null : cause.getCause();
        }
    }

    String root() {
        return lines.get(lines.size() - 1);
    }

    /** The innermost that is more than a wrapper and has a message of its own, or else the innermost. */
    int telling() {
        for (int i = lines.size() - 1; i >= 0; i--) {
            String message = lines.get(i).substring(classes.get(i).length() + 2);
            boolean speaks = message.length() > 20 && !message.startsWith("java.");
            if (speaks && (!WRAPPERS.contains(classes.get(i)) || i == lines.size() - 1)) {
                return i;
            }
        }
        return lines.size() - 1;
    }

    String error() {
        return lines.get(telling()).substring(classes.get(telling()).length() + 2);
    }

    String errorClass() {
        return classes.get(telling());
    }
}
