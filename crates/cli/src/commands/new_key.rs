//! A new key, and the table that enrols it.

use std::path::PathBuf;

use clap::Args;
use countersign_attest::{Algorithm, SecretKey};
use countersign_model::ids::{PartyId, PrincipalId};
use countersign_model::network::Role;
use countersign_ports::Entropy as _;
use countersign_store_local::MachineEntropy;
use countersign_store_local::folder::put_secret;
use serde_json::json;
use zeroize::Zeroizing;

use crate::fail::{DONE, Failure};
use crate::ui;

/// Arguments of a command that makes a key.
#[derive(Debug, Args)]
pub(crate) struct NewKey {
    /// File to write; readable by its owner only.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Name of who will sign with it, for the table that is printed.
    #[arg(long, value_name = "NAME", value_parser = PrincipalId::parse)]
    name: Option<PrincipalId>,
    /// Party for which it will sign, for the table that is printed.
    #[arg(long, value_name = "PARTY", value_parser = PartyId::parse)]
    party: Option<PartyId>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl NewKey {
    /// Makes the key file, and prints the table for network.toml.
    pub(crate) fn make(self, algorithm: Algorithm, role: Role) -> Result<u8, Failure> {
        let mut seed = Zeroizing::new([0; 32]);
        MachineEntropy.fill(&mut *seed)?;
        let key = SecretKey::generate(algorithm, *seed);
        put_secret(&self.out, &format!("{}\n", key.to_text().as_str()))?;
        let (file, public) = (self.out.display(), key.public());
        if self.json {
            ui::json(
                &json!({ "file": file.to_string(), "key": public.to_string(), "key_id": public.id().to_string() }),
            );
            return Ok(DONE);
        }
        ui::note(format!(
            "The key is in {file}. This enrols it, once it stands in network.toml and that is applied:"
        ));
        ui::line("");
        ui::line("[[principal]]");
        let role = role.as_str();
        match self.name {
            Some(name) => ui::line(format!("id = \"{name}\"")),
            None => ui::line(format!("id = \"{role}:NAME\"")),
        }
        ui::line(format!("role = \"{role}\""));
        ui::line(format!("key = \"{public}\""));
        if let Some(party) = self.party {
            ui::line(format!("party = \"{party}\""));
        }
        Ok(DONE)
    }
}
