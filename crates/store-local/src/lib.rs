//! Files: the default store. One data folder, one second place beside it.
//!
//! | folder | is | an attacker who owns it |
//! |---|---|---|
//! | `DIR/ground/` | segments: statements, bodies, wrapped keys | can delete, not forge: `verify` sees it |
//! | `DIR/log/` | the published tree of a C2SP log | can withhold or serve an old tree: clients see it by their checkpoints |
//! | `DIR.second/` | the last committed checkpoint | can stop the log; with `DIR/` as well, roll both back: witnesses see it |
//! | `DIR/index/` | derived: where entries lie and claims stand, what the ledger was told, a snapshot of what was made of it | can make the node take a claim twice, or stop until the folder is deleted; proofs stay right; a snapshot is under a key of the node |
//! | `DIR/keys/` | the node's keys | can sign as the node |
//!
//! What is absent: retries. A write or sync that fails is returned once and the caller stops
//! (LOG-2). Files are put in place whole: written beside, synced, renamed, folder synced.
//!
//! - LOG-2: [`Segments::sync`] is `fdatasync` on preallocated space, so that no size change
//!   has to reach the disk with the data.
//! - LOG-3: [`SlotFile`] alternates two slots with checks; a torn write leaves the other one.
//!
//! - LOG-1: [`PlaceFile`], [`DigestRuns`], [`HistoryFile`] and [`SnapshotFiles`] are derived. The third
//!   is told how far it is complete, the others know; what is odd is thrown away and made again, never
//!   answered from.
//!
//! Where to start: [`segments`], then [`slots`], then [`digest_index`].

mod crc32c;
pub mod digest_index;
pub mod disk;
mod failure;
pub mod folder;
pub mod history;
pub mod limits;
pub mod lock;
pub mod machine;
pub mod new_folder;
pub mod places;
pub mod segments;
pub mod slots;
pub mod snapshot;

pub use digest_index::{DigestRuns, DigestRunsReader};
pub use disk::DiskLeft;
pub use folder::Folder;
pub use history::HistoryFile;
pub use lock::DirLock;
pub use machine::{MachineClock, MachineEntropy};
pub use new_folder::NewFolder;
pub use places::{IndexFolder, PlaceFile};
pub use segments::{Segments, segment_path};
pub use slots::SlotFile;
pub use snapshot::SnapshotFiles;
