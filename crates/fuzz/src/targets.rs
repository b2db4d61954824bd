//! The targets, one file for each family of formats.
//!
//! A target is a function on bytes and a line in the list of its file. It must be a function of
//! the bytes alone, so that an input that fails fails again.

mod encodings;

use crate::Target;

/// Every target, in the order in which they are run.
pub const TARGETS: &[Target] = &[encodings::CBOR, encodings::CBOR_ANY_ORDER, encodings::JSON];
