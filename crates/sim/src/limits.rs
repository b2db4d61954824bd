//! Sizes and habits of the simulated day, with their units and where the numbers come from.

/// Sites: two warehouses, two hubs, six customers.
pub const SITES: usize = 10;
/// Units of the demo's day.
pub const UNITS_DEFAULT: usize = 20_000;
/// Fewest units that still fill enough loads for every act and look-alike to have one of its own.
pub const UNITS_MIN: usize = 1_500;
/// Most units: the day is built in memory, about 1 KiB a unit.
pub const UNITS_MAX: usize = 1_000_000;
/// Acts of the demo's day: each family once, some twice.
pub const ACTS_DEFAULT: usize = 11;
/// Look-alikes of the demo's day.
pub const LOOKALIKES_DEFAULT: usize = 15;
/// Most acts, and most look-alikes: a load carries one of them at most, and there are about 110.
pub const PLANTED_MAX: usize = 24;
/// Events in one statement: what a handheld gathers before it sends.
pub const EVENTS_PER_STATEMENT_MAX: usize = 16;
/// Manifests in one statement of the warehouse system.
pub const PLANS_PER_STATEMENT_MAX: usize = 8;
/// Identifiers in one event: what a portal reads from one pallet or cage.
pub const UNITS_PER_EVENT_MAX: usize = 40;
/// Bytes of one line of `truth.jsonl` or of the findings: a load of 16,384 units of 125 bytes, twice.
pub const LINE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of `scenario.json`: a few hundred are usual.
pub const SCENARIO_BYTES_MAX: u64 = 64 * 1024;
