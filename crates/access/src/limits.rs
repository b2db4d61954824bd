//! Every limit of this crate, with its unit and where the number comes from.

/// Proposals that wait for their second half at one time. A large operator decides some
/// hundred write-offs a day and lets none wait longer than a week.
pub const OPEN_PROPOSALS_MAX: usize = 10_000;
/// Refused halves that are kept for show, the newest ones; all of them are counted.
pub const REFUSALS_SHOWN_MAX: usize = 1_000;
