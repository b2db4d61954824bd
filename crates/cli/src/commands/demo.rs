//! `countersign demo`: days of a small network, from truth to proof, in three processes: one
//! generates the days and their truth, one is the node and never sees the truth, one scores.

mod proof;

use std::path::PathBuf;
use std::process::Stdio;

use clap::Args;
use countersign_node::request::Request;
use countersign_sim::Folder;
use serde_json::{Value, json};

use super::replay::drive::{self, Pace};
use super::replay::log::{self, NodeProcess, own_binary};
use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Seed of the network's days.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Units in stock when their day begins, over all days [default: 6,000; of a tidy day 20,000].
    #[arg(long)]
    units: Option<usize>,
    /// One tidy day instead: nothing late, sent twice or missed, a dozen acts that all must be found.
    #[arg(long)]
    one_day: bool,
    /// Folder to work in; one that an earlier demo made is made anew.
    #[arg(long, default_value = "countersign-demo", value_name = "DIR")]
    dir: PathBuf,
    /// Leave out the check of every receipt; then nothing is called verified.
    #[arg(long)]
    without_receipts: bool,
    /// Print one JSON object at the end and nothing else.
    #[arg(long)]
    json: bool,
}

/// Units of the days that are shown: every family of acts and look-alikes is among them, and the
/// demo takes less than a minute.
const UNITS: usize = 6_000;
/// What is between what happens and what is sent, as on ordinary days.
const DISORDER: [(&str, &str); 3] = [("--late", "5"), ("--duplicates", "5"), ("--skew", "3600")];
/// The same in words.
const DISORDER_WORDS: &str =
    "5 % of statements up to 8 hours late, 5 % sent twice, clocks off by up to an hour";
/// Share of what can be known that must be found, and of findings that must be right.
const GOOD: f64 = 0.95;

/// Where the demo's files lie.
struct Places {
    world: PathBuf,
    data: PathBuf,
    findings: PathBuf,
    pack: PathBuf,
}

/// A file in the folder by which a later demo knows that it may make the folder anew.
const MARKER: &str = "made-by-countersign-demo";

impl Demo {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let places = self.make_folder()?;
        let origin = format!(
            "demo.countersign.local/{}/{}",
            self.seed,
            std::process::id()
        );
        self.say(&self.begins());
        let generated = self.generate(&places, &origin)?;
        self.say(generated.trim_end());
        let scenario = Folder::open(&places.world).map_err(|error| drive::unreadable(&error))?;
        let vkey = log::found(&places.data, &scenario)?;
        let mut node = NodeProcess::start(&places.data)?;
        let mut session = node.connect()?;
        log::apply(&mut session, &places.data, &scenario)?;
        self.say("\nTime runs: devices sign and send, the node records, reconciles, detects.\n");
        let run = drive::drive(&mut session, &scenario, Pace::Fast, self.json)?;
        if run.refused > 0 {
            return Err(Failure::new("the node refused what devices said"));
        }
        let findings = drive::write_findings(&mut session, &places.findings)?;
        let proof = if self.without_receipts {
            proof::Proof::left_out(&findings)
        } else {
            self.say("\nChecking every receipt with the pinned key …");
            proof::check(&mut session, &places.pack, &vkey, &findings, self.json)?
        };
        session.value(&Request::Stop)?;
        node.wait()?;
        let score = score(&places)?;
        let all_good = self.conclude(&places, &vkey, &run, &proof, &score);
        Ok(if all_good { DONE } else { FAILED })
    }

    fn say(&self, text: &str) {
        if !self.json {
            ui::line(text);
        }
    }

    fn begins(&self) -> String {
        let what = if self.one_day {
            "Generating a tidy day".to_owned()
        } else {
            format!("Generating ordinary days ({DISORDER_WORDS})")
        };
        format!("{what}: a network, its devices, goods, plans, and what happens to them …")
    }

    fn make_folder(&self) -> Result<Places, Failure> {
        let dir = &self.dir;
        if dir.exists() {
            let ours = dir.join(MARKER).exists();
            let empty = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_none());
            if !ours && !empty {
                let text = format!(
                    "{} is there and no demo made it; name another folder with --dir",
                    dir.display()
                );
                return Err(Failure::wrong_use(text));
            }
            std::fs::remove_dir_all(dir).map_err(|error| Failure::io("removing", dir, &error))?;
        }
        std::fs::create_dir_all(dir).map_err(|error| Failure::io("making", dir, &error))?;
        let marker = dir.join(MARKER);
        std::fs::write(&marker, "").map_err(|error| Failure::io("writing", &marker, &error))?;
        Ok(Places {
            world: dir.join("world"),
            data: dir.join("data"),
            findings: dir.join("findings.jsonl"),
            pack: dir.join("pack.zip"),
        })
    }

    fn generate(&self, places: &Places, origin: &str) -> Result<String, Failure> {
        let mut command = own_binary()?;
        command
            .args(["sim", "generate", "--origin", origin, "--out"])
            .arg(&places.world)
            .args(["--seed", &self.seed.to_string()]);
        if let Some(units) = self.units.or_else(|| (!self.one_day).then_some(UNITS)) {
            command.args(["--units", &units.to_string()]);
        }
        if self.one_day {
            command.arg("--one-day");
        } else {
            command.args(DISORDER.iter().flat_map(|(name, value)| [name, value]));
        }
        let output = command.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(Failure::new("what happens could not be generated"));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Prints the end and tells whether all is as it must be.
    fn conclude(
        &self,
        places: &Places,
        vkey: &str,
        run: &drive::Run,
        proof: &proof::Proof,
        score: &Value,
    ) -> bool {
        let number = |name: &str| score.get(name).and_then(Value::as_u64).unwrap_or_default();
        let (missed, false_findings) = (number("missed"), number("false_findings"));
        if self.json {
            ui::json(&json!({
                "seed": self.seed,
                "claims": run.claims,
                "receipts": proof.receipts,
                "planted": number("planted"),
                "found": number("found"),
                "missed": missed,
                "false_findings": false_findings,
                "recall": score.get("recall"),
                "precision": score.get("precision"),
                "seconds_to_finding": score.get("seconds_to_finding"),
                "verified": proof.verified,
            }));
        } else {
            self.print_table(places, vkey, run, proof, score);
        }
        let is_read_well = if self.one_day {
            missed == 0 && false_findings <= 1
        } else {
            let share = |name: &str| score.get(name).and_then(Value::as_f64);
            let is_good = |name: &str| share(name).is_none_or(|share| share >= GOOD);
            is_good("recall") && is_good("precision")
        };
        is_read_well && (proof.verified || self.without_receipts)
    }

    fn print_table(
        &self,
        places: &Places,
        vkey: &str,
        run: &drive::Run,
        proof: &proof::Proof,
        score: &Value,
    ) {
        let text = |path: &str| {
            score
                .pointer(path)
                .map_or_else(|| "-".to_owned(), ToString::to_string)
        };
        ui::line("");
        ui::line(
            score
                .get("table")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .trim_end(),
        );
        ui::line("");
        ui::line(format!("claims sent        {}", ui::grouped(run.claims)));
        ui::line(format!(
            "receipts checked   {} ({}; of claims, of the network's acts and of findings)",
            ui::grouped(proof.receipts),
            proof.words
        ));
        ui::line(format!(
            "planted {}, of which plans and claims show {}; found {}, missed {}, false findings {}",
            text("/planted"),
            text("/detectable"),
            text("/found"),
            text("/missed"),
            text("/false_findings")
        ));
        ui::line(format!(
            "recall {} of what can be known, precision {}, false findings per 10,000 units {}",
            text("/recall"),
            text("/precision"),
            text("/false_per_10k_units")
        ));
        ui::line(format!(
            "from first evidence to finding: {} s in the median, {} s at most (simulated time)",
            text("/seconds_to_finding/median"),
            text("/seconds_to_finding/max")
        ));
        ui::line("");
        ui::line("Go on with:");
        let data = places.data.display();
        ui::line(format!(
            "  countersign trace --data {data} '{}'",
            proof.unit
        ));
        ui::line(format!("  countersign findings --data {data}"));
        ui::line(format!(
            "  countersign verify --key '{vkey}' {}",
            places.pack.display()
        ));
        ui::line("(`countersign` is target/release/countersign, or `cargo run --release --`)");
    }
}

fn score(places: &Places) -> Result<Value, Failure> {
    let truth = places.world.join("truth.jsonl");
    let output = own_binary()?
        .args(["sim", "score", "--json", "--rows"])
        .arg(&truth)
        .arg(&places.findings)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("the score cannot be read: {error}")))
}
