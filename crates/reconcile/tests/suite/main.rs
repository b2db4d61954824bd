//! The ledger from outside: small stories in a small language, each with what must stand.

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod accounts;
#[cfg(test)]
mod aliases;
#[cfg(test)]
mod amounts;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod containment;
#[cfg(test)]
mod contracts;
#[cfg(test)]
mod corrections;
#[cfg(test)]
mod digest;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod handovers;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod locks;
#[cfg(test)]
mod milestones;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod order;
#[cfg(test)]
mod page;
#[cfg(test)]
mod plans;
mod positions;
#[cfg(test)]
mod real_milestones;
#[cfg(test)]
mod resumed;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod silence;
#[cfg(test)]
mod story;
#[cfg(test)]
mod suspects;
mod tallies;
mod tampering;
#[cfg(test)]
mod timelines;
#[cfg(test)]
mod times;
#[cfg(test)]
mod variance;
#[cfg(test)]
mod volume;
#[cfg(test)]
mod waiting;
#[cfg(test)]
mod weighing;
#[cfg(test)]
mod weights;
#[cfg(test)]
mod write_offs;
