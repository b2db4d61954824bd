//! COSE receipts: those of others, ours, frozen ones, hostile ones.

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
