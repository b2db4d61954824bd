//! `countersign demo`: a day of a small network, from truth to proof, in three processes: one
//! generates the day and its truth, one is the node and never sees the truth, one scores.

mod drive;
mod proof;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use clap::Args;
use countersign_node::data_dir::Settings;
use countersign_node::network::{differences, parse};
use countersign_node::request::Request;
use countersign_node::{Session, compose};
use serde_json::{Value, json};

use super::own;
use crate::fail::{DONE, FAILED, Failure};
use crate::ui;

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Seed of the day.
    #[arg(long, default_value_t = 1)]
    seed: u64,
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
        self.say(
            "Generating a day: a network, its devices, goods, plans, and what happens to them …",
        );
        let generated = self.generate(&places, &origin)?;
        self.say(generated.trim_end());
        let vkey = found(&places, &origin)?;
        let mut node = NodeProcess::start(&places.data)?;
        let mut session = node.connect()?;
        apply(&mut session, &places)?;
        self.say("\nThe day runs: devices sign and send, the node records, reconciles, detects.\n");
        let run = drive::drive(&mut session, &places.world, self.json)?;
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
        let seed = self.seed.to_string();
        let world = places.world.display().to_string();
        let output = own_binary()?
            .args([
                "sim", "generate", "--seed", &seed, "--origin", origin, "--out", &world,
            ])
            .stderr(Stdio::inherit())
            .output()?;
        if !output.status.success() {
            return Err(Failure::new("the day could not be generated"));
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
                "seconds_to_finding": score.get("seconds_to_finding"),
                "verified": proof.verified,
            }));
        } else {
            self.print_table(places, vkey, run, proof, score);
        }
        missed == 0 && false_findings <= 1 && (proof.verified || self.without_receipts)
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
            "planted {}, found {}, missed {}, false findings {}",
            text("/planted"),
            text("/found"),
            text("/missed"),
            text("/false_findings")
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

fn own_binary() -> Result<Command, Failure> {
    Ok(Command::new(std::env::current_exe()?))
}

/// Makes the demo's log, under the scenario's clock; its verification key.
fn found(places: &Places, origin: &str) -> Result<String, Failure> {
    let path = places.world.join("scenario.json");
    let text =
        std::fs::read_to_string(&path).map_err(|error| Failure::io("reading", &path, &error))?;
    let scenario: Value =
        serde_json::from_str(&text).map_err(|error| Failure::new(error.to_string()))?;
    let start = scenario
        .get("start")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let (start, _) = countersign_model::time::Timestamp::parse(start)
        .map_err(|e| Failure::new(e.to_string()))?;
    let second = std::path::absolute(&places.data)?
        .with_file_name("data.second")
        .join("checkpoint");
    let settings = Settings {
        second,
        origin: origin.to_owned(),
        unlock: None,
    };
    let opened = compose::init(&places.data, settings, Some(start))?;
    Ok(opened.engine.vkey())
}

fn apply(session: &mut Session, places: &Places) -> Result<(), Failure> {
    let path = places.world.join("network.toml");
    let text =
        std::fs::read_to_string(&path).map_err(|error| Failure::io("reading", &path, &error))?;
    let wanted =
        parse(&text).map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
    let acts: Vec<String> = differences(&countersign_model::network::Network::default(), &wanted)
        .into_iter()
        .map(|difference| difference.act)
        .collect();
    own::say(session, &own::signing_key(&places.data, None)?, &acts)?;
    Ok(())
}

/// The node as a process of its own; ended when the demo ends, however it ends.
struct NodeProcess {
    child: Child,
    data: PathBuf,
}

impl NodeProcess {
    fn start(data: &Path) -> Result<Self, Failure> {
        let child = own_binary()?
            .arg("node")
            .arg("--data")
            .arg(data)
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self {
            child,
            data: data.to_owned(),
        })
    }

    /// Waits for the node to say that it is ready.
    fn connect(&mut self) -> Result<Session, Failure> {
        use std::io::{BufRead as _, BufReader};
        let stderr = self
            .child
            .stderr
            .take()
            .ok_or_else(|| Failure::new("the node says nothing"))?;
        let mut lines = BufReader::new(stderr).lines();
        let ready = lines
            .by_ref()
            .map_while(Result::ok)
            .any(|line| line.starts_with("ready at "));
        if !ready {
            return Err(Failure::new("the node did not start"));
        }
        // What it says later goes where it belongs.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| ui::note(&line)));
        Ok(Session::open(&self.data)?)
    }

    fn wait(&mut self) -> Result<(), Failure> {
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new("the node ended with an error"))
        }
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        // It has ended already when all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn score(places: &Places) -> Result<Value, Failure> {
    let truth = places.world.join("truth.jsonl");
    let output = own_binary()?
        .args(["sim", "score", "--json"])
        .arg(&truth)
        .arg(&places.findings)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text)
        .map_err(|error| Failure::new(format!("the score cannot be read: {error}")))
}
