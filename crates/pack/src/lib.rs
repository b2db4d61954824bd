//! The formats in which evidence leaves the house: claim receipts and evidence packs.
//!
//! A **claim receipt** ([`receipt`], docs/formats/receipt.md) carries what proves that one claim
//! was signed, logged and judged. An **evidence pack** ([`Builder`], [`Pack`],
//! docs/formats/pack.md) carries the receipts of everything that was said about a unit or a
//! finding, what was said, and the logged acts by which the signers got their keys, in one archive
//! that has exactly one form for its content ([`archive`]).
//!
//! A **COSE receipt** ([`cose_receipt`], docs/formats/cose-receipt.md) is what other transparency
//! services and their tools give and take: RFC 9942.
//!
//! What this crate never does: read a file, ask a clock, or decide what is true. Of its own formats
//! it makes bytes and takes them apart, checking no signature or proof; `countersign-verify` judges
//! them. A COSE receipt alone is checked here, against a key that the caller brings, because its
//! parts mean nothing apart.
//!
//! Invariants that live here:
//! - PRF-1: a pack brings everything but trust; and a byte of it that changes is found and named.
//! - LOG-4: a body may be packed with its sealed parts withheld and proves all the same; what is
//!   disclosed is the choice of whoever makes the pack, never of this crate.
//! - LIM-1: every size has a named limit ([`limits`]).
//!
//! Where to start: [`Builder`] to make a pack, [`Pack::open`] to take one apart, [`Role`] for what
//! each file is.

pub mod archive;
pub mod builder;
pub mod cose_receipt;
mod damage;
pub mod limits;
pub mod manifest;
mod pack;
mod readme;
pub mod receipt;
mod role;

pub use builder::{BuildError, Builder};
pub use damage::{Damage, DamageKind, ERROR_CODES};
pub use manifest::{About, Listed, MANIFEST_NAME, Manifest, PACK_KIND, PACK_VERSION};
pub use pack::Pack;
pub use receipt::ClaimReceipt;
pub use role::{Description, Role};
