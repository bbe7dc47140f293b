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

    private static final List<String> EMPTY_WORDS = Arrays.asList("Recovery is suppressed", "Caught unexpected exception",
            "Exception while creating StreamOperatorStateContext", "Failed to execute job", "Could not start the JobMaster",
            "Job execution failed");

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

    /** The innermost that is more than a wrapper and has a message of its own; wrappers count where there is none. */
    private int telling() {
        for (boolean wrappers : new boolean[] {false, true}) {
            for (int i = lines.size() - 1; i >= 0; i--) {
                String message = message(i);
                boolean speaks = message.length() > 20 && !message.startsWith("java.") && !message.startsWith("org.")
                        && EMPTY_WORDS.stream().noneMatch(message::startsWith);
                if (speaks && (wrappers || i == lines.size() - 1 || !WRAPPERS.contains(classes.get(i)))) {
                    return i;
                }
            }
        }
        return lines.size() - 1;
    }

    private String message(int i) {
        return lines.get(i).substring(classes.get(i).length() + 2);
    }

    String error() {
        String message = message(telling());
        return message.equals("null") ? errorClass() : message;
    }

    String errorClass() {
        return classes.get(telling());
    }
}
