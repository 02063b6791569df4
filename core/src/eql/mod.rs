//! EQL: text to tokens to a checked syntax tree.
//!
//! ```
//! use eqlite_core::eql;
//! let query = eql::parse(r#"process where process.name in ("nc", "ncat")"#).unwrap();
//! assert_eq!(eql::print(&query), r#"process where process.name in ("nc", "ncat")"#);
//!
//! let wrong = eql::parse("process where process.name = 'nc' and").unwrap_err();
//! let codes: Vec<&str> = wrong.iter().map(|diagnostic| diagnostic.code.0).collect();
//! assert_eq!(codes, ["E0202", "E0103", "E0201"]);
//! ```

pub mod ast;
mod check;
mod constants;
mod expr;
mod lexer;
mod parser;
mod print;
mod query;
mod token;

pub use check::{CATEGORY_FIELD, check, check_with_category};
pub use constants::texts_asked_of;
pub use parser::{MAX_DEPTH, parse, parse_expression};
pub use print::{print, print_expression};
