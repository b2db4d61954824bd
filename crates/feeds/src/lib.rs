//! Adapters in: what a warehouse can export on its first day becomes sections of an import.
//!
//! A file of EPCIS events ([`events`]) or a table with a mapping file ([`table`]) is read in
//! pieces, each claim is checked and cut, and sections of at most 1,024 claims with their
//! envelopes are handed to a sink, in the order of the file. Memory stays flat whatever the
//! size of the file. A line that is wrong does not stop the others: it is answered with a
//! code, the field, and a sentence ([`Line`]).
//!
//! What it never does: sign, decide whether a claim is a duplicate, or talk to the engine. The
//! sections carry no statement; the node makes one for each.
//!
//! - LOG-4: bodies are cut here, before they leave the process that read the file.
//! - LIM-1: sizes are limited by the readers (`countersign-epcis`, `countersign-documents`) and
//!   by [`limits`].
//!
//! Where to start: [`events::read`] and [`table::read`].

pub mod events;
pub mod input;
pub mod limits;
pub mod section;
pub mod table;

pub use input::Input;
pub use section::{ImportSection, Line, ReadError, Salts};
