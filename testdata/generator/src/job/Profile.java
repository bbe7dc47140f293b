package fixture;

/** A POJO state value with fields of several types. */
public class Profile {
    public String name;
    public int visits;
    public double score;
    public boolean active;

    public Profile() {}
}
