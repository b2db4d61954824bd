//! Reading a policy file: c2sp.org/tlog-policy, "Policy file syntax and structure".

use std::collections::{BTreeMap, BTreeSet};

use crate::lexeme::decimal;
use crate::limits::{POLICY_BYTES_MAX, POLICY_GROUPS_MAX, POLICY_LOGS_MAX, POLICY_WITNESSES_MAX};
use crate::note::{SignatureType, VerifierKey};
use crate::policy::{
    Group, Member, Policy, PolicyFault, PolicyLog, PolicyParseError, PolicyWitness,
};

/// The predefined name: no cosignature is asked for.
const NONE: &[u8] = b"none";

/// Reads a whole file.
pub(super) fn policy(octets: &[u8]) -> Result<Policy, PolicyParseError> {
    if octets.len() > POLICY_BYTES_MAX {
        return Err(PolicyParseError {
            line: 1,
            fault: PolicyFault::TooLarge,
        });
    }
    let mut reader = Reader::default();
    let mut line = 1;
    for octets in octets.split_inclusive(|octet| *octet == b'\n') {
        reader
            .line(octets)
            .map_err(|fault| PolicyParseError { line, fault })?;
        line += 1;
    }
    let missing = PolicyParseError {
        line,
        fault: PolicyFault::QuorumCount,
    };
    let quorum = reader.quorum.ok_or(missing)?;
    let Reader {
        logs,
        witnesses,
        groups,
        ..
    } = reader;
    Ok(Policy {
        logs,
        witnesses,
        groups,
        quorum,
    })
}

#[derive(Default)]
struct Reader {
    logs: Vec<PolicyLog>,
    witnesses: Vec<PolicyWitness>,
    groups: Vec<Group>,
    quorum: Option<Option<Member>>,
    /// Witnesses and groups share one space of names.
    names: BTreeMap<Vec<u8>, Member>,
    /// Members of any group.
    placed: BTreeSet<Member>,
}

impl Reader {
    fn line(&mut self, octets: &[u8]) -> Result<(), PolicyFault> {
        let line = octets
            .strip_suffix(b"\n")
            .ok_or(PolicyFault::Unterminated)?;
        if line
            .iter()
            .any(|octet| (*octet < 0x20 && *octet != b'\t') || *octet == 0x7f)
        {
            return Err(PolicyFault::BadOctet);
        }
        let fields = line.split(|octet| matches!(octet, b' ' | b'\t'));
        let fields: Vec<&[u8]> = fields.filter(|field| !field.is_empty()).collect();
        match fields.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", vkey] => self.log(vkey, None),
            [b"log", vkey, url] => self.log(vkey, Some(url)),
            [b"witness", name, vkey] => self.witness(name, vkey, None),
            [b"witness", name, vkey, url] => self.witness(name, vkey, Some(url)),
            [b"group", name, threshold, members @ ..] => self.group(name, threshold, members),
            [b"quorum", name] => self.quorum(name),
            _ => Err(PolicyFault::BadLine),
        }
    }

    fn log(&mut self, vkey: &[u8], url: Option<&[u8]>) -> Result<(), PolicyFault> {
        let key = read_key(vkey, &[SignatureType::Ed25519, SignatureType::SubtreeV1])?;
        if self.logs.len() == POLICY_LOGS_MAX {
            return Err(PolicyFault::TooLarge);
        }
        if self
            .logs
            .iter()
            .any(|log| log.key.public_key() == key.public_key())
        {
            return Err(PolicyFault::DuplicateKey);
        }
        self.check_key_id(&key)?;
        self.logs.push(PolicyLog {
            key,
            url: url.map(<[u8]>::to_vec),
        });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], vkey: &[u8], url: Option<&[u8]>) -> Result<(), PolicyFault> {
        let key = read_key(
            vkey,
            &[SignatureType::CosignatureV1, SignatureType::SubtreeV1],
        )?;
        if self.witnesses.len() == POLICY_WITNESSES_MAX {
            return Err(PolicyFault::TooLarge);
        }
        if self
            .witnesses
            .iter()
            .any(|witness| witness.key.public_key() == key.public_key())
        {
            return Err(PolicyFault::DuplicateKey);
        }
        self.check_key_id(&key)?;
        self.define(name, Member::Witness(self.witnesses.len()))?;
        let url = url.map(<[u8]>::to_vec);
        self.witnesses.push(PolicyWitness {
            name: name.to_vec(),
            key,
            url,
        });
        Ok(())
    }

    /// Name and id together must tell keys apart, or no note could be verified.
    fn check_key_id(&self, key: &VerifierKey) -> Result<(), PolicyFault> {
        let logs = self.logs.iter().map(PolicyLog::key);
        let mut keys = logs.chain(self.witnesses.iter().map(PolicyWitness::key));
        let clash = keys.any(|other| other.name() == key.name() && other.id() == key.id());
        if clash {
            Err(PolicyFault::DuplicateKey)
        } else {
            Ok(())
        }
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], names: &[&[u8]]) -> Result<(), PolicyFault> {
        if self.groups.len() == POLICY_GROUPS_MAX {
            return Err(PolicyFault::TooLarge);
        }
        if names.is_empty() {
            return Err(PolicyFault::BadLine);
        }
        let threshold = read_threshold(threshold, names.len())?;
        let mut members = Vec::with_capacity(names.len());
        for name in names {
            let member = *self.names.get(*name).ok_or(PolicyFault::UndefinedName)?;
            if !self.placed.insert(member) {
                return Err(PolicyFault::ReusedMember);
            }
            members.push(member);
        }
        self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { threshold, members });
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), PolicyFault> {
        if self.quorum.is_some() {
            return Err(PolicyFault::QuorumCount);
        }
        let member = match self.names.get(name) {
            Some(member) => Some(*member),
            None if name == NONE => None,
            None => return Err(PolicyFault::UndefinedName),
        };
        self.quorum = Some(member);
        Ok(())
    }

    fn define(&mut self, name: &[u8], member: Member) -> Result<(), PolicyFault> {
        if name == NONE || self.names.contains_key(name) {
            return Err(PolicyFault::DuplicateName);
        }
        self.names.insert(name.to_vec(), member);
        Ok(())
    }
}

fn read_key(vkey: &[u8], kinds: &[SignatureType]) -> Result<VerifierKey, PolicyFault> {
    let vkey = core::str::from_utf8(vkey).map_err(|_| PolicyFault::BadLine)?;
    let key = VerifierKey::parse(vkey).map_err(PolicyFault::BadKey)?;
    if kinds.contains(&key.kind()) {
        Ok(key)
    } else {
        Err(PolicyFault::WrongKeyType)
    }
}

/// `any`, `all` or a decimal in 1..=members.
fn read_threshold(field: &[u8], members: usize) -> Result<usize, PolicyFault> {
    match field {
        b"any" => Ok(1),
        b"all" => Ok(members),
        _ => {
            let text = core::str::from_utf8(field).ok();
            let threshold = text
                .and_then(decimal)
                .and_then(|count| usize::try_from(count).ok());
            let fits = threshold.filter(|count| (1..=members).contains(count));
            fits.ok_or(PolicyFault::BadThreshold)
        }
    }
}
