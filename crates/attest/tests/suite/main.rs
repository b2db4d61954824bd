//! Judgements from end to end, vectors of others, our own frozen ones, and a second implementation.

#[cfg(test)]
mod chains;
#[cfg(test)]
mod data;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod judgements;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod register;
#[cfg(test)]
mod renewals;
#[cfg(test)]
mod second;
#[cfg(test)]
mod statements;
#[cfg(test)]
mod submissions;
#[cfg(test)]
mod world;
