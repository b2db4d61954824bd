//! A process that runs one target: mutation, execution, and the watch over both.
//!
//! What an input can do to a process (overflow the stack, take all memory, never return) ends this
//! one and no other. The number of the execution is kept in a file; seed and number give the input
//! again, so whoever started the worker can keep what ended it.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use countersign_model::digest::Digest;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};

use crate::limits::{ADDRESS_SPACE_BYTES_MAX, SILENCE_S_MAX};
use crate::mutate::{Chance, mutated};
use crate::{Project, Target, execute};

/// What to run.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Seed of the run: with the number of an execution it gives the input.
    pub seed: u64,
    /// Seconds to run.
    pub seconds: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Executions, those of the seeds included.
    pub executions: u64,
    /// Milliseconds that they took together.
    pub ms: u64,
    /// Most bytes in memory at any time, as the system counts them; 0 where it does not say.
    pub memory_peak_kib: u64,
    /// Each failure once: a file with the input, and what happened.
    pub failures: Vec<Failure>,
}

/// An input on which a target failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The file that holds it, from the root of the project.
    pub file: String,
    /// What happened.
    pub words: String,
}

/// The input of an execution: first each seed as it is, then mutations.
#[must_use]
pub fn input(target: &Target, seeds: &[Vec<u8>], seed: u64, execution: u64) -> Vec<u8> {
    let whole = usize::try_from(execution).ok().and_then(|at| seeds.get(at));
    whole
        .cloned()
        .unwrap_or_else(|| mutated(seeds, target.words, &mut Chance::of(seed, execution)))
}

/// Runs a target until its time is over.
///
/// # Errors
/// Seeds that cannot be read, failures that cannot be written.
pub fn work(
    project: &Project,
    target: &Target,
    order: Order,
    progress: &Path,
) -> io::Result<Tally> {
    let seeds = project.seeds(target)?;
    limit_memory()?;
    execute::keep_panics();
    let progress = File::create(progress)?;
    let at = Arc::new(AtomicU64::new(0));
    // Kept until the end: when it is dropped the watch ends too.
    let (_running, ended) = mpsc::channel();
    watch(Arc::clone(&at), ended);
    let mut tally = Tally::default();
    let start = now();
    while start.elapsed() < Duration::from_secs(order.seconds) {
        let execution = tally.executions;
        at.store(execution, Ordering::Relaxed);
        progress.write_all_at(&execution.to_be_bytes(), 0)?;
        let input = input(target, &seeds, order.seed, execution);
        if let Some(words) = execute::failure(target, &input) {
            note(project, target, &input, words, &mut tally)?;
        }
        tally.executions += 1;
    }
    tally.ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    tally.memory_peak_kib = memory_peak_kib();
    Ok(tally)
}

/// From here on the process has no more than [`ADDRESS_SPACE_BYTES_MAX`].
///
/// # Errors
/// When the system refuses.
pub fn limit_memory() -> io::Result<()> {
    let limit = Rlimit {
        current: Some(ADDRESS_SPACE_BYTES_MAX),
        maximum: Some(ADDRESS_SPACE_BYTES_MAX),
    };
    Ok(setrlimit(Resource::As, limit)?)
}

/// One input of each kind of failure is enough: the rest would say the same.
fn note(
    project: &Project,
    target: &Target,
    input: &[u8],
    words: String,
    tally: &mut Tally,
) -> io::Result<()> {
    let place = |words: &str| words.lines().next().unwrap_or_default().to_owned();
    let is_known = |known: &Failure| place(&known.words) == place(&words);
    if !tally.failures.iter().any(is_known) {
        let file = keep(project, target, input)?;
        tally.failures.push(Failure { file, words });
    }
    Ok(())
}

/// Writes an input to the folder for failures; gives the path from the root of the project.
///
/// # Errors
/// Those of the file system.
pub fn keep(project: &Project, target: &Target, input: &[u8]) -> io::Result<String> {
    let folder = project.failures(target);
    fs::create_dir_all(&folder)?;
    let path = folder.join(Digest::of(input).short());
    fs::write(&path, input)?;
    let shown = path.strip_prefix(project.root()).unwrap_or(&path);
    Ok(shown.display().to_string())
}

/// Ends the process if one execution never ends.
fn watch(at: Arc<AtomicU64>, ended: mpsc::Receiver<()>) {
    std::thread::spawn(move || {
        let mut before = None;
        let silence = Duration::from_secs(SILENCE_S_MAX);
        while ended.recv_timeout(silence) == Err(mpsc::RecvTimeoutError::Timeout) {
            let now = at.load(Ordering::Relaxed);
            if before.replace(now) == Some(now) {
                std::process::abort();
            }
        }
    });
}

#[expect(
    clippy::disallowed_methods,
    reason = "a fuzzer runs for a given time; nothing that it runs sees it"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// `VmHWM` of proc(5).
fn memory_peak_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or_default()
}
