fn main() {
    let bytes = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    println!("{:#?}", statescope::metadata::parse(&bytes));
}
