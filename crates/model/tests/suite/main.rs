//! Frozen vectors of the formats that this crate reads.

#[cfg(test)]
mod guessable;
#[cfg(test)]
mod own_objects;
