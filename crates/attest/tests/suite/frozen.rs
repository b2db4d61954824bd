//! Frozen.
