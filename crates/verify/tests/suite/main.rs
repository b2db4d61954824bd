//! Packs and receipts of a small real log, whole, damaged and forged.

mod cli;
mod damaged;
mod folder;
mod forged;
mod forged_bytes;
mod log;
mod loose;
mod packs;
mod vectors;
mod world;
