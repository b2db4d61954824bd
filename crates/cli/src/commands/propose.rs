//! `countersign propose`: the first half of a four-eyes act.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_model::ids::DocId;
use countersign_model::time::Span;
use countersign_node::Session;
use countersign_node::request::Request;
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;
use serde_json::{Value, json};

use super::own;
use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of `propose`.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Args)]
struct Common {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Key of the person who asks.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Why. Sealed: it can be erased.
    #[arg(long)]
    reason: String,
    /// How long it waits for its second half (ISO 8601).
    #[arg(long, default_value = "P7D", value_name = "DURATION")]
    within: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Units that will not come back leave the accounts.
    WriteOff {
        #[command(flatten)]
        common: Common,
        /// The units.
        #[arg(required = true, value_name = "UNIT")]
        units: Vec<String>,
    },
    /// The counted amount of a class at a place is set right.
    StockAdjustment {
        #[command(flatten)]
        common: Common,
        /// The class or lot.
        #[arg(long)]
        class: String,
        /// Where.
        #[arg(long)]
        place: String,
        /// By how much; negative takes away.
        #[arg(long, allow_negative_numbers = true)]
        difference: String,
        /// UN/ECE code of the unit of measure; C62 counts pieces.
        #[arg(long, default_value = "C62")]
        uom: String,
    },
    /// Another of the things that were said of a plan stands from now on.
    PlanChange {
        #[command(flatten)]
        common: Common,
        /// The plan: key of a manifest or count.
        #[arg(long)]
        plan: String,
        /// The claim that is to stand: INDEX.ORDINAL, or its digest.
        #[arg(long, value_name = "ID")]
        claim: String,
    },
}

impl Action {
    /// The proposal's own fields.
    fn object(self) -> Result<(Common, Value), Failure> {
        Ok(match self {
            Self::WriteOff { common, units } => {
                let units: Result<Vec<String>, String> = units
                    .iter()
                    .map(|unit| {
                        countersign_node::unit_text::read_unit_text(unit)
                            .map(|unit| unit.to_string())
                    })
                    .collect();
                (
                    common,
                    json!({ "action": "write_off", "units": units.map_err(Failure::wrong_use)? }),
                )
            }
            Self::StockAdjustment {
                common,
                class,
                place,
                difference,
                uom,
            } => {
                let object = json!({
                    "action": "stock_adjustment", "class": class, "place": place, "difference": difference, "uom": uom,
                });
                (common, object)
            }
            Self::PlanChange {
                common,
                plan,
                claim,
            } => {
                let plan = DocId::parse(&plan)
                    .map_err(|error| Failure::wrong_use(format!("--plan: {error}")))?;
                let object = json!({
                    "action": "plan_change", "plan": plan.as_str(), "claim": claim,
                });
                (common, object)
            }
        })
    }
}

impl Propose {
    pub(crate) fn run(self) -> Result<u8, Failure> {
        let (common, mut object) = self.action.object()?;
        let within = Span::parse(&common.within).ok_or_else(|| {
            Failure::wrong_use("--within is an ISO 8601 duration, like P7D or PT8H")
        })?;
        let key = own::signing_key(&common.data, Some(&common.key))?;
        let mut session = Session::open(&common.data)?;
        check_known(&mut session, &object)?;
        name_claim(&mut session, &mut object)?;
        let status = session.value(&Request::Status)?;
        let now = status
            .pointer("/clock/now")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let (now, _) = countersign_model::time::Timestamp::parse(now)
            .map_err(|e| Failure::new(e.to_string()))?;
        let mut random = [0; 16];
        MachineEntropy.fill(&mut random)?;
        let id = countersign_node::uuid::v7(now, random);
        if let Some(map) = object.as_object_mut() {
            map.insert("type".into(), json!("Proposal"));
            map.insert("id".into(), json!(id));
            map.insert("expires".into(), json!(now.plus(within).to_string()));
            map.insert("reason".into(), json!(common.reason));
        }
        own::say(&mut session, &key, &[object.to_string()])?;
        session.close()?;
        if common.json {
            ui::json(&json!({ "proposal": id }));
        } else {
            let dir = common.data.display();
            ui::line(format!("Proposal {id} waits for a second person:"));
            ui::line(format!(
                "  countersign approve --data {dir} --key THEIR.key --reason … {id}"
            ));
        }
        Ok(DONE)
    }
}

/// A claim is named by its digest: its place in the log is nobody else's.
fn name_claim(session: &mut Session, object: &mut Value) -> Result<(), Failure> {
    let Some(claim) = object.get_mut("claim") else {
        return Ok(());
    };
    let named = claim.as_str().unwrap_or_default().to_owned();
    let known = session.value(&Request::Claim { claim: named })?;
    *claim = known.get("digest").cloned().unwrap_or_default();
    Ok(())
}

/// What the log has nothing on cannot be written off: a mistyped key would take its place.
fn check_known(session: &mut Session, object: &Value) -> Result<(), Failure> {
    let units = object.get("units").and_then(Value::as_array);
    for unit in units.into_iter().flatten() {
        let unit = unit.as_str().unwrap_or_default().to_owned();
        let known = session.value(&Request::Trace { unit })?;
        if let Some(class) = known.get("class").and_then(Value::as_str) {
            return Err(Failure::wrong_use(format!(
                "{class} is counted, not identified: `propose stock-adjustment` sets its amount right"
            )));
        }
    }
    Ok(())
}
