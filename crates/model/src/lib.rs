//! The nouns of Countersign: what every other crate speaks of.
//!
//! This crate holds the words of the glossary as types, and the few codecs that give
//! those words their bytes: strict CBOR ([`cbor`]), JSON with byte spans ([`json`]),
//! decimals that never pass through a float ([`decimal`]), time ([`time`]) and the
//! cutting of a body into open and sealed parts ([`body`]).
//!
//! What it never does: read a clock, draw a random number, open a file, check a
//! signature, or decide anything. Time and entropy are arguments of whoever calls.
//!
//! Invariants that live here:
//! - LOG-4: a claim enters the log as a salted digest of its parts; the sealed parts are
//!   committed to by keyed hashes whose keys can be destroyed ([`body`]).
//! - CUS-4: a fold is given the open view of bodies and the batch record, nothing else
//!   ([`fold`]).
//! - LIM-1: every size has a named limit ([`limits`]).
//!
//! Where to start: [`claim`] (what is said), [`body`] (its bytes), [`entry`] (what the
//! log made of it), [`network`] and [`act`] (what the operator set).

pub mod act;
pub mod body;
pub mod cbor;
pub mod claim;
pub mod coded;
pub mod decimal;
pub mod digest;
pub mod entry;
pub mod fold;
pub mod gs1;
pub mod hours;
pub mod ids;
pub mod json;
pub mod limits;
pub mod network;
pub mod plan;
pub mod position;
pub mod quantity;
pub mod sha256;
pub mod time;
