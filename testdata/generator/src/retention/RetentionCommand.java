package fixture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Runs `retention plan` and `retention apply` of the program under test on all that the jobs have left. */
final class RetentionCommand {
    private static final Path PLAN = Session.BASE.resolve("plan.json");

    private final String binary;

    RetentionCommand(String binary) {
        this.binary = binary;
    }

    /** What a plan has decided. */
    static final class Plan {
        final List<Path> kept = new ArrayList<>();
        int deleted;
        int files;
        int orphans;
    }

    /** How a command ended, and the lines that it printed: of `apply`, the files that are gone. */
    static final class Answer {
        final int status;
        final List<String> lines;

        private Answer(int status, List<String> lines) {
            this.status = status;
            this.lines = lines;
        }
    }

    Plan plan(List<String> options) throws IOException, InterruptedException {
        // A file that is in a base is not replaced: a snapshot may need it.
        Files.deleteIfExists(PLAN);
        List<String> arguments = new ArrayList<>(Arrays.asList("retention", "plan", Session.BASE.toString(),
                "--format", "csv", "--plan-out", PLAN.toString()));
        arguments.addAll(options);
        Answer answer = finish(start(arguments));
        if (answer.status != 0) {
            throw new IOException("exit " + answer.status + " of " + arguments);
        }
        Plan plan = new Plan();
        for (String line : answer.lines) {
            String[] cells = line.split(",");
            if (cells[3].equals("keep")) {
                plan.kept.add(Session.BASE.resolve(cells[0]));
            } else if (cells[3].equals("delete")) {
                plan.deleted++;
            }
        }
        String text = new String(Files.readAllBytes(PLAN), StandardCharsets.UTF_8).replaceAll("\\s", "");
        // The sums after the list of files name each class once more.
        text = text.substring(0, text.indexOf("\"freed\":"));
        plan.files = count(text, "\"class\":\"");
        plan.orphans = count(text, "\"class\":\"orphan\"");
        return plan;
    }

    Process startApply(List<String> options) throws IOException {
        List<String> arguments = new ArrayList<>(Arrays.asList("retention", "apply", PLAN.toString(), "--yes",
                "--format", "paths"));
        arguments.addAll(options);
        return start(arguments);
    }

    Answer apply(List<String> options) throws IOException, InterruptedException {
        return finish(startApply(options));
    }

    /** Without the heading of a table. */
    static Answer finish(Process process) throws IOException, InterruptedException {
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>(Arrays.asList(text.split("\r?\n")));
        lines.removeIf(line -> line.isEmpty() || line.startsWith("location,"));
        return new Answer(process.waitFor(), lines);
    }

    static void forgetPlan() throws IOException {
        Files.deleteIfExists(PLAN);
        Files.deleteIfExists(Session.BASE.resolve("plan.json.journal"));
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(arguments);
        command.add(0, binary);
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}
