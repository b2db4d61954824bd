//! State of which there is much: rows of a fixed size, in pages that a snapshot shares.

pub(crate) mod chains;
pub(crate) mod hash;
pub(crate) mod money;
pub(crate) mod paged;
pub(crate) mod run;
pub(crate) mod slots;
pub(crate) mod unit_names;
