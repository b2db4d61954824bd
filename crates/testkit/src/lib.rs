//! What tests share. Nothing but tests may depend on it.
//!
//! [`TinyLog`] is a whole log in memory: genesis, administrators' acts, devices with real keys,
//! statements, batch statements, checkpoints and receipts, all signed, all in the formats of the
//! docs. Keys and salts come from a counter, so the same calls give the same bytes.
//!
//! With the feature `node`, `DataFolder` is a real one on disk, made by the node itself.
//!
//! With the feature `verify`, `unproven` has the verifier judge loose files.
//!
//! What a [`TinyLog`] never does: judge. It logs what it is told to log, a forger's statement as well, with
//! the verdict that it is told to record, so that tests can show what others make of it.
//!
//! Where to start: [`TinyLog::new`], [`TinyLog::device`], [`TinyLog::say`], [`TinyLog::commit`],
//! [`TinyLog::receipt`], [`TinyLog::pack`].

#[cfg(feature = "node")]
mod data_folder;
mod tiny_log;
mod told;
#[cfg(feature = "verify")]
mod unproven;

#[cfg(feature = "node")]
pub use data_folder::DataFolder;
pub use tiny_log::{Files, Logged, Signer, TinyLog};
pub use told::Told;
#[cfg(feature = "verify")]
pub use unproven::unproven;
