package fixture;

/** Operator ids that variants bind to. */
final class Ids {
    static final String NOBODY = "0123456789abcdef0123456789abcdef";

    private Ids() {}

    /** The id an operator has in a job that can be described. */
    static String of(Pipeline job, String operator) {
        try {
            return Description.of(job).operator(operator).get("operator_id").asText();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
