//! EQL: text to tokens to a checked syntax tree.

pub mod ast;
