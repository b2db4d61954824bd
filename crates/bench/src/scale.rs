//! Memory and start-up at a given number of entries: a log is made by the path of the record, then a
//! process of its own opens it as a node does and tells what that took.

use std::path::Path;
use std::process::{Command, Stdio};

use countersign_attest::Algorithm;

use crate::Failure;
use crate::clock::measured;
use crate::folder::{ORIGIN, Scratch, make};
use crate::making::{Device, event};
use crate::path::Recorder;
use crate::terminal::say;

/// Statements that are signed and taken at a time, so that making a log takes little memory.
const ROUND: u64 = 16_384;
const DEVICES: u64 = 32;
const BATCH: usize = 4_096;

/// What opening took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    pub(crate) entries: u64,
    pub(crate) seconds: f64,
    /// Most that was resident at once, and what was at the end.
    pub(crate) peak_bytes: u64,
    pub(crate) resident_bytes: u64,
}

impl Opening {
    /// What it took in memory.
    pub(crate) fn memory(&self) -> String {
        let mib = |bytes: u64| bytes / (1 << 20);
        let (peak, resident) = (mib(self.peak_bytes), mib(self.resident_bytes));
        format!("peak {peak} MiB, then {resident} MiB, one claim an entry")
    }
}

/// Makes a log of about `entries` entries, one claim in each, and opens it: from its snapshot, and by
/// folding its whole ground.
pub(crate) fn measure(
    dir: &Path,
    entries: u64,
    cores: usize,
) -> Result<(Opening, Opening), Failure> {
    let scratch = Scratch::new(dir, "scale")?;
    let mut devices = (0..DEVICES)
        .map(|number| Device::new(number, Algorithm::Ed25519, ORIGIN, 1))
        .collect::<Result<Vec<_>, _>>()?;
    let mut recorder = Recorder::take(make(scratch.path(), &devices)?)?;
    let mut n = 0;
    while n < entries {
        let mut sent = Vec::new();
        for _ in 0..ROUND.min(entries - n) {
            let at = usize::try_from(n % DEVICES)?;
            let device = devices.get_mut(at).ok_or("no device")?;
            sent.push(device.says(&[event(n)])?.encode());
            n += 1;
        }
        recorder.run(&sent, BATCH, cores)?;
    }
    // The engine publishes what the recorder wrote.
    let mut opened = recorder.reopened()?;
    opened.engine.publish()?;
    opened.engine.rest()?;
    let (size, root) = (opened.engine.size().0, opened.dir.root().to_owned());
    drop(opened);
    let resumed = opened_alone(&root, size)?;
    std::fs::remove_dir_all(root.join("index/snapshot"))?;
    Ok((resumed, opened_alone(&root, size)?))
}

/// Has a process of its own open a log of so many entries.
pub(crate) fn opened_alone(root: &Path, entries: u64) -> Result<Opening, Failure> {
    let output = Command::new(std::env::current_exe()?)
        .arg("open")
        .arg(root)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("opening the log ended with {}", output.status).into());
    }
    let text = String::from_utf8(output.stdout)?;
    let mut words = text.split_whitespace();
    let mut next = || words.next().ok_or("opening told nothing");
    Ok(Opening {
        entries,
        seconds: next()?.parse()?,
        peak_bytes: next()?.parse()?,
        resident_bytes: next()?.parse()?,
    })
}

/// Opens the folder at `root` and prints seconds, and peak and last resident memory in bytes.
pub(crate) fn open(root: &Path) -> Result<(), Failure> {
    let (opened, span) = measured(|| countersign_node::compose::open(root));
    let opened = opened?;
    say(&format!(
        "{:.3} {} {}",
        1.0 / span.per_second(1),
        memory_bytes("self", "VmHWM:")?,
        resident_bytes()?
    ));
    drop(opened);
    Ok(())
}

/// What is resident now.
pub(crate) fn resident_bytes() -> Result<u64, Failure> {
    resident_bytes_of("self")
}

/// What is resident of a process.
pub(crate) fn resident_bytes_of(process: &str) -> Result<u64, Failure> {
    memory_bytes(process, "VmRSS:")
}

fn memory_bytes(process: &str, name: &str) -> Result<u64, Failure> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let word = line.and_then(|line| line.split_whitespace().next());
    let kib: u64 = word.ok_or("no such line in the status")?.parse()?;
    Ok(kib * 1024)
}
