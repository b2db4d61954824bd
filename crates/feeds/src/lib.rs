//! Adapters in: files.
