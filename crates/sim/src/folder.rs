//! A scenario as a plain folder (docs/formats/scenario.md): written from a world, read by whoever
//! sends it. A folder may come from anywhere: what is read is checked and bounded.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use countersign_attest::limits::SUBMISSION_BYTES_MAX;
use countersign_model::ids::Origin;
use countersign_model::time::Timestamp;
use serde_json::{Value, json};

use crate::disorder::Disorder;
use crate::limits::SCENARIO_BYTES_MAX;
use crate::stream::{Sent, Stream};
use crate::world::{Extent, World};

/// The network, for `countersign apply`.
pub const NETWORK: &str = "network.toml";
/// What is sent, and when.
pub const SUBMISSIONS: &str = "submissions.bin";
/// What is so; for the score alone.
pub const TRUTH: &str = "truth.jsonl";
/// Seed, start, end, sizes.
pub const SCENARIO: &str = "scenario.json";
/// Personal values that must never be met outside sealed parts.
pub const CANARIES: &str = "canaries.txt";

/// What `scenario.json` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The log that every statement is for.
    pub origin: Origin,
    /// The seed, if the folder was made from one.
    pub seed: Option<u64>,
    /// The first instant of the scenario's clock.
    pub start: Timestamp,
    /// The instant up to which the clock runs.
    pub end: Timestamp,
}

/// Why a folder was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub struct WriteError {
    /// Which file or folder.
    pub path: PathBuf,
    /// What went wrong.
    pub source: io::Error,
}

/// Why a folder cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file is not there or cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not of the documented form.
    #[error("{}: {reason}", path.display())]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

impl World {
    /// Writes the folder, day by day; `dir` is made if it is not there.
    ///
    /// # Errors
    /// [`WriteError`] names the file.
    pub fn write(&self, dir: &Path) -> Result<Extent, WriteError> {
        std::fs::create_dir_all(dir).map_err(failed(dir))?;
        let mut files = Files::create(dir)?;
        let mut stream = Stream::new(self.recipe());
        let mut extent = Extent::default();
        for day in self.days() {
            extent = extent.and(&day);
            for row in day.truth(self.recipe().sizes.days) {
                files.truth.line(&row.to_json().to_string())?;
            }
            for canary in &day.canaries {
                files.canaries.line(canary)?;
            }
            stream.play(&day, &mut |sent| files.submissions.record(&sent))?;
        }
        stream.finish(&mut |sent| files.submissions.record(&sent))?;
        files.finish()?;
        let put = |name: &str, text: &str| {
            let path = dir.join(name);
            std::fs::write(&path, text).map_err(failed(&path))
        };
        put(NETWORK, &self.network_toml())?;
        put(SCENARIO, &scenario_json(self, extent))?;
        Ok(extent)
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> WriteError + use<> {
    let path = path.to_owned();
    move |source| WriteError {
        path: path.clone(),
        source,
    }
}

/// The files that grow day by day.
struct Files {
    submissions: Growing,
    truth: Growing,
    canaries: Growing,
}

impl Files {
    fn create(dir: &Path) -> Result<Self, WriteError> {
        Ok(Self {
            submissions: Growing::create(dir.join(SUBMISSIONS))?,
            truth: Growing::create(dir.join(TRUTH))?,
            canaries: Growing::create(dir.join(CANARIES))?,
        })
    }

    fn finish(self) -> Result<(), WriteError> {
        self.submissions.finish()?;
        self.truth.finish()?;
        self.canaries.finish()
    }
}

/// A file that is written from its beginning to its end.
struct Growing {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Growing {
    fn create(path: PathBuf) -> Result<Self, WriteError> {
        let out = BufWriter::new(File::create(&path).map_err(failed(&path))?);
        Ok(Self { path, out })
    }

    fn line(&mut self, text: &str) -> Result<(), WriteError> {
        writeln!(self.out, "{text}").map_err(failed(&self.path))
    }

    fn record(&mut self, sent: &Sent) -> Result<(), WriteError> {
        write_record(&mut self.out, sent).map_err(failed(&self.path))
    }

    fn finish(mut self) -> Result<(), WriteError> {
        self.out.flush().map_err(failed(&self.path))
    }
}

fn write_record(out: &mut impl io::Write, sent: &Sent) -> io::Result<()> {
    let at = u64::try_from(sent.at.ms()).map_err(io::Error::other)?;
    let len = u32::try_from(sent.bytes.len()).map_err(io::Error::other)?;
    out.write_all(&at.to_be_bytes())?;
    out.write_all(&len.to_be_bytes())?;
    out.write_all(&sent.bytes)
}

pub(crate) fn scenario_json(world: &World, extent: Extent) -> String {
    let (scenario, recipe) = (world.scenario(), world.recipe());
    let (sizes, disorder) = (recipe.sizes, recipe.disorder);
    let mut value = json!({
        "format": "countersign-scenario",
        "version": 1,
        "origin": scenario.origin.as_str(),
        "seed": scenario.seed,
        "start": scenario.start.to_string(),
        "end": scenario.end.to_string(),
        "sizes": {
            "sites": extent.sites,
            "devices": extent.devices,
            "days": sizes.days,
            "stock": sizes.units,
            "units": extent.units,
            "claims": extent.claims,
            "submissions": extent.submissions,
        },
    });
    if disorder != Disorder::default() {
        let said = json!({
            "late_percent": disorder.late_percent,
            "duplicate_percent": disorder.duplicate_percent,
            "missed_percent": disorder.missed_percent,
            "skew_s": disorder.skew_s,
        });
        if let Some(value) = value.as_object_mut() {
            value.insert("disorder".to_owned(), said);
        }
    }
    format!("{value:#}\n")
}

/// A folder to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    dir: PathBuf,
    scenario: Scenario,
    units: Option<usize>,
}

impl Folder {
    /// Reads `scenario.json`; the other files are opened when they are asked for.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn open(dir: &Path) -> Result<Self, ReadError> {
        let path = dir.join(SCENARIO);
        let failed = |source| ReadError::File {
            path: path.clone(),
            source,
        };
        let mut text = String::new();
        File::open(&path)
            .map_err(failed)?
            .take(SCENARIO_BYTES_MAX + 1)
            .read_to_string(&mut text)
            .map_err(failed)?;
        let scenario = bounded(&text).and_then(read_scenario);
        let (scenario, units) = scenario.map_err(|reason| ReadError::Form {
            path: path.clone(),
            reason,
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            scenario,
            units,
        })
    }

    /// What `scenario.json` says.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How many units it names, if it says so.
    #[must_use]
    pub const fn units(&self) -> Option<usize> {
        self.units
    }

    /// Path of one of its files.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The submissions in the order of sending, read one at a time.
    ///
    /// # Errors
    /// [`ReadError::File`] when the file cannot be opened.
    pub fn submissions(&self) -> Result<Records, ReadError> {
        let path = self.path(SUBMISSIONS);
        match File::open(&path) {
            Ok(file) => Ok(Records {
                path,
                file: BufReader::new(file),
                last: Timestamp::from_ms(0),
                is_over: false,
            }),
            Err(source) => Err(ReadError::File { path, source }),
        }
    }
}

fn bounded(text: &str) -> Result<&str, String> {
    if text.len() as u64 > SCENARIO_BYTES_MAX {
        Err(format!("is longer than {SCENARIO_BYTES_MAX} bytes"))
    } else {
        Ok(text)
    }
}

/// What it says, and how many units it names.
fn read_scenario(text: &str) -> Result<(Scenario, Option<usize>), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if value.get("format").and_then(Value::as_str) != Some("countersign-scenario")
        || value.get("version").and_then(Value::as_u64) != Some(1)
    {
        return Err("is not countersign-scenario version 1".to_owned());
    }
    let text = |field: &str| {
        let text = value.get(field).and_then(Value::as_str);
        text.ok_or_else(|| format!("{field} is missing"))
    };
    let time = |field: &str| {
        let at = Timestamp::parse(text(field)?).map_err(|error| format!("{field}: {error}"))?;
        Ok::<Timestamp, String>(at.0)
    };
    let scenario = Scenario {
        origin: Origin::parse(text("origin")?).map_err(|error| format!("origin: {error}"))?,
        seed: value.get("seed").and_then(Value::as_u64),
        start: time("start")?,
        end: time("end")?,
    };
    if scenario.end < scenario.start {
        return Err("it ends before it starts".to_owned());
    }
    let units = value.get("sizes").and_then(|sizes| sizes.get("units"));
    let units = units.and_then(Value::as_u64).map(usize::try_from);
    Ok((scenario, units.and_then(Result::ok)))
}

/// Records of `submissions.bin`; ends at the first error.
#[derive(Debug)]
pub struct Records {
    path: PathBuf,
    file: BufReader<File>,
    last: Timestamp,
    is_over: bool,
}

impl Records {
    fn wrong(&self, reason: &str) -> ReadError {
        ReadError::Form {
            path: self.path.clone(),
            reason: reason.to_owned(),
        }
    }

    /// `None` at the end of the file.
    fn read(&mut self) -> Result<Option<Sent>, ReadError> {
        let mut head = [0_u8; 12];
        match self.fill(&mut head)? {
            0 => return Ok(None),
            12 => {}
            _ => return Err(self.wrong("it ends within a record")),
        }
        let [a, b, c, d, e, f, g, h, i, j, k, l] = head;
        let at = i64::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            .map_err(|_| self.wrong("a time is beyond all bounds"))?;
        let at = Timestamp::from_ms(at);
        let len = usize::try_from(u32::from_be_bytes([i, j, k, l])).unwrap_or(usize::MAX);
        if at < self.last {
            return Err(self.wrong("records are not in the order of their times"));
        }
        if len > SUBMISSION_BYTES_MAX {
            return Err(self.wrong("a submission is longer than 16 MiB"));
        }
        self.last = at;
        let mut bytes = vec![0; len];
        if self.fill(&mut bytes)? == len {
            Ok(Some(Sent { at, bytes }))
        } else {
            Err(self.wrong("it ends within a record"))
        }
    }

    /// Reads until the buffer is full or the file ends; how many bytes.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.file.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => {
                    let path = self.path.clone();
                    return Err(ReadError::File { path, source });
                }
            }
        }
        Ok(filled)
    }
}

impl Iterator for Records {
    type Item = Result<Sent, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.read().transpose();
        self.is_over = !matches!(record, Some(Ok(_)));
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes::Sizes;
    use crate::world::{Recipe, generate};

    fn folder(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("countersign-sim-{name}-{}", std::process::id()))
    }

    #[test]
    fn what_is_written_is_read_back() {
        let dir = folder("round-trip");
        let recipe = Recipe {
            seed: 21,
            origin: Origin::parse("sim.example/day").expect("a name"),
            sizes: Sizes::of_demo(1_000),
            disorder: Disorder {
                late_percent: 20,
                duplicate_percent: 10,
                ..Disorder::default()
            },
        };
        let world = generate(recipe).expect("in bounds");
        let extent = world.write(&dir).expect("written");
        let folder = Folder::open(&dir).expect("a folder");
        assert_eq!(*folder.scenario(), world.scenario());
        let read: Result<Vec<Sent>, _> = folder.submissions().expect("a file").collect();
        let read = read.expect("whole records");
        assert_eq!(read.len(), extent.submissions);
        assert!(read == world.submissions().collect::<Vec<_>>());
        std::fs::remove_dir_all(dir).expect("removed");
    }

    /// (records before the end, the reason of the error).
    fn check(bytes: &[u8], expect: (usize, Option<&str>)) {
        let dir = folder(&format!("records-{}", bytes.len()));
        std::fs::create_dir_all(&dir).expect("made");
        std::fs::write(dir.join(SUBMISSIONS), bytes).expect("written");
        let text = r#"{"format":"countersign-scenario","version":1,"origin":"a/b",
            "start":"2026-03-02T00:00:00Z","end":"2026-03-03T00:00:00Z"}"#;
        std::fs::write(dir.join(SCENARIO), text).expect("written");
        let folder = Folder::open(&dir).expect("a folder");
        let mut good = 0;
        let mut reason = None;
        for record in folder.submissions().expect("a file") {
            match record {
                Ok(_) => good += 1,
                Err(ReadError::Form { reason: why, .. }) => reason = Some(why),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((good, reason.as_deref()), expect, "{bytes:?}");
        std::fs::remove_dir_all(dir).expect("removed");
    }

    #[test]
    fn records_that_are_none() {
        let record = |at: u64, len: u32, bytes: &[u8]| {
            [&at.to_be_bytes()[..], &len.to_be_bytes()[..], bytes].concat()
        };
        check(b"", (0, None));
        check(&record(5, 1, b"x"), (1, None));
        let short = Some("it ends within a record");
        check(b"\0\0", (0, short));
        check(&record(5, 2, b"x"), (0, short));
        let backwards = [record(5, 1, b"x"), record(4, 2, b"yz")].concat();
        let order = Some("records are not in the order of their times");
        check(&backwards, (1, order));
        let long = Some("a submission is longer than 16 MiB");
        check(&record(5, u32::MAX, b"xyz"), (0, long));
        let far = Some("a time is beyond all bounds");
        check(&record(u64::MAX, 4, b"four"), (0, far));
    }

    #[test]
    fn scenarios_that_are_none() {
        for (text, expect) in [
            ("{", "EOF"),
            ("{}", "is not countersign-scenario version 1"),
            (
                r#"{"format":"countersign-scenario","version":1}"#,
                "origin is missing",
            ),
            (
                r#"{"format":"countersign-scenario","version":1,"origin":"a/b","start":"noon"}"#,
                "start:",
            ),
            (
                r#"{"format":"countersign-scenario","version":1,"origin":"a/b",
                "start":"2026-03-02T00:00:00Z","end":"2026-03-01T00:00:00Z"}"#,
                "it ends before it starts",
            ),
        ] {
            let got = read_scenario(text).expect_err("no scenario");
            assert!(got.starts_with(expect), "{got}");
        }
    }
}
