//! The command line `eqlite`.

fn main() {}
