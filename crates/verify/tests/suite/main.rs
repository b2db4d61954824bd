//! Packs and receipts of a small real log, whole, damaged and forged.

mod cli;
mod damaged;
mod forged;
mod forged_bytes;
mod loose;
mod packs;
mod vectors;
mod world;
