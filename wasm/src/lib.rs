//! The doors of the core into WebAssembly.
