//! Sizes and habits of the simulated world, with their units and where the numbers come from.

/// Sites: two warehouses, two hubs, six customers.
pub const SITES: usize = 10;
/// Units of the demo's day.
pub const UNITS_DEFAULT: usize = 20_000;
/// Fewest units of a world.
pub const UNITS_MIN: usize = 1_000;
/// Most units of a world: 500 days of 20,000.
pub const UNITS_MAX: usize = 10_000_000;
/// Most units of a single day, which is built in memory: about 1 KiB a unit.
pub const ONE_DAY_UNITS_MAX: usize = 1_000_000;
/// Days of a world, unless that makes its days too small or too large.
pub const DAYS_WANTED: usize = 5;
/// Fewest units in stock on the morning of a day, if there are several days.
pub const STOCK_A_DAY_MIN: usize = 4_000;
/// Most units in stock on the morning of a day of several: what one day holds in memory.
pub const STOCK_A_DAY_MAX: usize = 20_000;
/// Cartons of an ordinary load of a world: a van.
pub const LOAD_UNITS: usize = 30;
/// Of a thousand loads to a hub so many of a world are sealed.
pub const SEALED_PER_MILLE: u64 = 500;
/// Of a thousand loads between buildings of a world so many, if they may, travel in a trailer with a
/// tracker.
pub const TRACKED_PER_MILLE: u64 = 650;
/// Metres around a site that are the site: its yard.
pub const YARD_M: i64 = 300;
/// Of a hundred cartons a camera that stands in the glare does not count so many.
pub const GLARE_PERCENT: u8 = 5;
/// Of a thousand loads to the last hub of a world so many need a release: it lies behind a border.
pub const PAPERS_PER_MILLE: u64 = 800;
/// Lots on the shelves of each warehouse of a world: more than a day has acts and look-alikes for.
pub const LOTS_OF_A_WAREHOUSE: usize = 6;
/// Every family comes three times in so many units.
pub const PLANTED_UNITS: usize = 20_000;
/// Acts of the demo's day: each family once, some twice.
pub const ACTS_DEFAULT: usize = 11;
/// Look-alikes of the demo's day.
pub const LOOKALIKES_DEFAULT: usize = 15;
/// Most acts, and most look-alikes, of the demo's day: a load carries one of them at most, and
/// there are about 110.
pub const PLANTED_MAX: usize = 24;
/// Seeds of the worlds of 20,000 units that are scored: each family comes 30 times in them.
pub const SCORED_SEEDS: [u64; 10] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/// Names of documents set aside for each day: a day of 20,000 units needs about 1,000.
pub const DOCUMENTS_A_DAY: usize = 10_000;
/// Names of pallets, and of new labels, set aside for each day.
pub const PALLETS_A_DAY: u64 = 10_000;
/// Names of lots, and of strangers, set aside for each day.
pub const LOTS_A_DAY: u64 = 1_000;
/// Longest delay of a late statement, in milliseconds: a shift.
pub const LATE_MS_MAX: i64 = 8 * 3_600_000;
/// Most that a clock may be off unknown to the network, in seconds: beyond it is no clock.
pub const SKEW_S_MAX: u32 = 24 * 3_600;
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
