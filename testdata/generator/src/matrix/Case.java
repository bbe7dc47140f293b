package fixture;

/** One restore: of which snapshot, by which job, under which conditions. */
final class Case {
    final String name;
    /** Null: of the same release. */
    final String baseRelease;
    final String base;
    final String variant;
    final boolean allowNonRestored;
    final Damage damage;

    Case(String name, String baseRelease, String base, String variant, boolean allowNonRestored, Damage damage) {
        this.name = name;
        this.baseRelease = baseRelease;
        this.base = base;
        this.variant = variant;
        this.allowNonRestored = allowNonRestored;
        this.damage = damage;
    }
}
