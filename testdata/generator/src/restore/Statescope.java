package fixture;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks the program under test. */
final class Statescope {
    private static final Pattern VERDICT = Pattern.compile("\"verdict\": *(null|\"[^\"]*\")");
    private static final Pattern CODE = Pattern.compile("\"code\": *\"([^\"]*)\"");

    private final String binary;

    Statescope(String binary) {
        this.binary = binary;
    }

    /** What it says of a snapshot. */
    static final class Answer {
        final boolean restorable;
        final String text;

        private Answer(boolean restorable, String text) {
            this.restorable = restorable;
            this.text = text;
        }
    }

    Answer check(Path snapshot) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(binary, "check", "--json", "--quiet", snapshot.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String json = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        Matcher verdict = VERDICT.matcher(json);
        StringBuilder text = new StringBuilder("exit " + status);
        String said = verdict.find() ? verdict.group(1).replace("\"", "") : "no verdict";
        text.append(", ").append(said);
        for (Matcher code = CODE.matcher(json); code.find(); ) {
            text.append(", ").append(code.group(1));
        }
        // Either of the two is taken as a promise.
        return new Answer(status == 0 || said.equals("restorable"), text.toString());
    }
}
