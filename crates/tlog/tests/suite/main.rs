//! Vectors of others, read where they lie, and our own frozen ones.

#[cfg(test)]
mod data;
#[cfg(test)]
mod ed25519;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod merkle;
#[cfg(test)]
mod ml_dsa;
#[cfg(test)]
mod real_log;
#[cfg(test)]
mod tessera;
