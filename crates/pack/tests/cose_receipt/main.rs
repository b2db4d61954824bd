//! COSE receipts: those of others, ours, frozen ones, hostile ones; what another verifier says of ours.

#[cfg(test)]
mod data;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod scitt_cose;
