//! Packs and receipts of a small real log, whole, damaged and forged.

mod beside;
mod cli;
mod damaged;
mod folder;
mod forged;
mod forged_bytes;
mod log;
mod log_forged;
mod loose;
mod on_disk;
mod packs;
mod renewed;
mod vectors;
mod world;
