//! Development tasks of kubevet.
fn main() {}
