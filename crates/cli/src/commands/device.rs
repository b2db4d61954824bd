//! `countersign device`: keys for devices, and claims signed with them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use countersign_attest::{
    Algorithm, ChainLink, Header, Kind, Statement, Submission, claims_payload, sign1,
};
use countersign_feeds::{ImportSection, Input, Line, Salts, events};
use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::digest::Digest;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_model::network::Role;
use countersign_node::data_dir::read_secret_key;
use countersign_ports::Clock as _;
use countersign_store_local::MachineClock;
use countersign_store_local::folder::put_file;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::new_key::NewKey;
use crate::fail::{DONE, Failure};
use crate::random::Random;
use crate::ui;

/// Arguments of `device`.
#[derive(Debug, Args)]
pub(crate) struct Device {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a device's key; prints its public half for network.toml.
    New {
        #[command(flatten)]
        key: NewKey,
        /// Ed25519 in place of ES256 (P-256).
        #[arg(long)]
        ed25519: bool,
    },
    /// Sign the events of a file as one statement; `countersign submit` hands it in.
    Sign(Sign),
}

#[derive(Debug, Args)]
struct Sign {
    /// The device's key. Its place in its chain is kept beside it, in FILE.chain.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The device's name in network.toml.
    #[arg(long, value_name = "NAME")]
    issuer: String,
    /// The log it is for: its origin, as `status` shows it.
    #[arg(long, value_name = "ORIGIN")]
    audience: String,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// EPCIS document, bare event or JSON lines; at most 1,024 events.
    file: PathBuf,
}

/// Where a key stands in its chain.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainState {
    audience: String,
    epoch: u64,
    counter: u64,
    previous: String,
}

impl Device {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        match self.command {
            Command::New { key, ed25519 } => {
                let algorithm = if ed25519 {
                    Algorithm::Ed25519
                } else {
                    Algorithm::Es256
                };
                key.make(algorithm, Role::Device)
            }
            Command::Sign(sign) => sign.run(),
        }
    }
}

impl Sign {
    fn run(self) -> Result<u8, Failure> {
        let key = read_secret_key(&self.key)?;
        let (envelopes, bodies) = self.bodies()?;
        let digests: Vec<Digest> = bodies.iter().map(ClaimBody::digest).collect();
        let payload = claims_payload(&digests).map_err(|refusal| Failure::new(refusal.reason))?;
        let chain_path = self.chain_path();
        let state = self.read_chain(&chain_path)?;
        let header = self.header(&state)?;
        let statement = sign1(&header, &payload, &key);
        let read = Statement::parse(&statement).map_err(|refusal| Failure::new(refusal.reason))?;
        let next = ChainState {
            counter: state.counter + 1,
            previous: read.sig_digest().to_string(),
            ..state
        };
        let submission = Submission {
            statement,
            envelopes,
            bodies,
            blobs: Vec::new(),
        };
        std::fs::write(&self.out, submission.encode())
            .map_err(|error| Failure::io("writing", &self.out, &error))?;
        // The place in the chain moves only when the statement is on disk.
        let text = serde_json::to_string(&next).map_err(|error| Failure::new(error.to_string()))?;
        put_file(&chain_path, text.as_bytes())?;
        if self.json {
            ui::json(
                &json!({ "out": self.out.display().to_string(), "claims": digests.len(), "counter": next.counter }),
            );
        } else {
            ui::line(format!(
                "{} signed into {}.",
                ui::counted(digests.len() as u64, "claim", "claims"),
                self.out.display()
            ));
            ui::line(format!(
                "  countersign submit --data DIR {}",
                self.out.display()
            ));
        }
        Ok(DONE)
    }

    fn chain_path(&self) -> PathBuf {
        let mut name = self.key.clone().into_os_string();
        name.push(".chain");
        PathBuf::from(name)
    }

    fn read_chain(&self, path: &Path) -> Result<ChainState, Failure> {
        let begin = |epoch| ChainState {
            audience: self.audience.clone(),
            epoch,
            counter: 0,
            previous: String::new(),
        };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(begin(1)),
            Err(error) => return Err(Failure::io("reading", path, &error)),
        };
        let state: ChainState = serde_json::from_str(&text)
            .map_err(|error| Failure::new(format!("{}: {error}", path.display())))?;
        // Another log is another chain; its epoch is new so that the first one can go on later.
        Ok(if state.audience == self.audience {
            state
        } else {
            begin(state.epoch + 1)
        })
    }

    fn header(&self, state: &ChainState) -> Result<Header, Failure> {
        let issuer = PrincipalId::parse(&self.issuer)
            .map_err(|e| Failure::wrong_use(format!("--issuer: {e}")))?;
        let audience = Origin::parse(&self.audience)
            .map_err(|e| Failure::wrong_use(format!("--audience: {e}")))?;
        let link = match Digest::from_hex(&state.previous) {
            Some(previous) => ChainLink::after(state.epoch, state.counter + 1, previous),
            None => Some(ChainLink::first(state.epoch)),
        };
        let link = link.ok_or_else(|| Failure::new("the chain file beside the key is damaged"))?;
        let header = Header::new(issuer, self.issuer.as_str(), vec![audience], Kind::claims());
        let header = header.map_err(|refusal| Failure::new(refusal.reason))?;
        Ok(header.with_chain(link).with_clock(MachineClock.read().wall))
    }

    fn bodies(&self) -> Result<(Vec<EnvelopeBody>, Vec<ClaimBody>), Failure> {
        let input =
            Input::open(&self.file).map_err(|error| Failure::io("reading", &self.file, &error))?;
        let random = Random::default();
        let mut fill = |bytes: &mut [u8]| random.fill(bytes);
        let mut salts = Salts::new(&mut fill);
        let (mut envelopes, mut bodies) = (Vec::new(), Vec::new());
        let mut take = |section: ImportSection| {
            for line in &section.lines {
                if let Line::Refused {
                    line,
                    field,
                    reason,
                    code,
                } = line
                {
                    return Err(Failure::new(format!(
                        "line {line}: {field}: {reason} [{code}]"
                    )));
                }
            }
            envelopes.extend(section.envelopes);
            bodies.extend(section.bodies);
            Ok(())
        };
        events::read(&input, &mut salts, &mut take)
            .map_err(|error| Failure::new(error.to_string()))?;
        random.check()?;
        Ok((envelopes, bodies))
    }
}
