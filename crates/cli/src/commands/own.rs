//! Statements that a person or administrator signs at the command line: acts as `countersign-json`.

use std::path::{Path, PathBuf};

use clap::Args;
use countersign_attest::{Header, Kind, SecretKey, Submission};
use countersign_engine::node_statement::own_objects;
use countersign_model::ids::{Origin, PrincipalId};
use countersign_node::data_dir::read_secret_key;
use countersign_node::request::Request;
use countersign_node::{Session, wire};
use serde_json::Value;

use crate::fail::Failure;
use crate::random::Random;
use crate::ui;

/// Objects of one statement: well under the claims of a statement and the size of a commit.
const OBJECTS_PER_STATEMENT_MAX: usize = 256;

/// What a command takes that signs by a key with `--key`. (`suspect` names the key in question so, and
/// its signer with `--as`.)
#[derive(Debug, Args)]
pub(crate) struct Signer {
    /// The data folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: PathBuf,
    /// Key of whoever says it; the administrator's of the data folder if not given.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Signer {
    /// The key that signs.
    pub(crate) fn key(&self) -> Result<SecretKey, Failure> {
        signing_key(&self.data, self.key.as_deref())
    }
}

/// Does `work` in a session on a data folder, and closes it however the work ended. Why the work failed
/// is told before what closing met.
pub(crate) fn in_session<T>(
    data: &Path,
    work: impl FnOnce(&mut Session) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let mut session = Session::open(data)?;
    let done = work(&mut session);
    let closed = session.close();
    let done = done?;
    closed?;
    Ok(done)
}

/// `2 findings are new or changed`.
pub(crate) fn moved(findings: usize) -> String {
    let findings = ui::counted(findings as u64, "finding is", "findings are");
    format!("{findings} new or changed")
}

/// The key of a file, or the administrator's of the data folder.
pub(crate) fn signing_key(data: &Path, key: Option<&Path>) -> Result<SecretKey, Failure> {
    let standard = data.join("keys").join("administrator.key");
    Ok(read_secret_key(key.unwrap_or(&standard))?)
}

/// Signs objects with `key` and has them taken; the findings that changed.
pub(crate) fn say(
    session: &mut Session,
    key: &SecretKey,
    objects: &[String],
) -> Result<Vec<Value>, Failure> {
    let request = Request::WhoHas {
        key: key.public().id().to_string(),
    };
    let who = session.value(&request)?;
    let text = |name: &str| {
        who.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if text("role") == "device" || text("role") == "service" {
        let mut failure = Failure::new(format!(
            "the key is that of {} ({}); a person or an administrator signs this. A device signs claims with \
             `countersign device sign`, which keeps its chain",
            text("principal"),
            text("role"),
        ));
        failure.reason_code = Some("not_authorised".to_owned());
        return Err(failure);
    }
    let mut submissions = Vec::new();
    for chunk in objects.chunks(OBJECTS_PER_STATEMENT_MAX) {
        submissions.push(signed(&text("principal"), &text("origin"), key, chunk)?.encode());
    }
    let (value, _) = session.ask(&Request::Submit { at: None }, &wire::join(&submissions))?;
    for answer in value
        .get("answers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        check(answer)?;
    }
    Ok(value
        .get("findings")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default())
}

fn signed(
    principal: &str,
    origin: &str,
    key: &SecretKey,
    objects: &[String],
) -> Result<Submission, Failure> {
    let issuer = PrincipalId::parse(principal).map_err(|error| Failure::new(error.to_string()))?;
    let audience = Origin::parse(origin).map_err(|error| Failure::new(error.to_string()))?;
    let header = Header::new(issuer, origin, vec![audience], Kind::claims());
    let header = header.map_err(|refusal| Failure::new(refusal.reason))?;
    let random = Random::default();
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let mut fill = |bytes: &mut [u8]| random.fill(bytes);
    let made = own_objects(&header, &objects, key, &mut fill).map_err(Failure::new)?;
    random.check()?;
    Ok(made)
}

/// An act that is taken but may not be done, or cannot be read, is a failure to whoever asked for it.
fn check(answer: &Value) -> Result<(), Failure> {
    let text = |value: &Value, name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    if text(answer, "status") == "rejected" {
        let mut failure = Failure::new(text(answer, "reason"));
        failure.reason_code = Some(text(answer, "code"));
        return Err(failure);
    }
    for claim in answer
        .get("claims")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        match text(claim, "status").as_str() {
            "unauthorised" => {
                let mut failure =
                    Failure::new("the key may not do this; it was recorded without effect");
                failure.reason_code = Some("not_authorised".to_owned());
                return Err(failure);
            }
            "unfoldable" => {
                let reason = format!("{}: {}", text(claim, "field"), text(claim, "reason"));
                return Err(Failure::new(reason));
            }
            _ => {}
        }
    }
    Ok(())
}
