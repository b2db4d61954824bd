//! The ledger: reads the file, keeps each batch of it on the disk before it counts, and answers.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use countersign_model::act::Act;
use countersign_model::digest::Digest;
use countersign_model::fold::{Fold as _, Said};
use countersign_model::ids::{PartyId, PlaceId};
use countersign_model::network::{ContractMode, Lane, Object, Site, SiteKind};
use countersign_model::time::{Span as Period, Timestamp};
use countersign_reconcile::{AccountKind, ClassAccount, Discrepancy, Kind, Ledger};

use super::BATCH_LINES;
use super::answer::Answer;
use super::file::{GRACE_MINUTES, HUBS, WAREHOUSES, party, site};
use crate::Failure;
use crate::clock::{Span, measured};
use crate::ledger::ledger_over_a_file;
use crate::lines::Lines;

/// Reads the file and answers as of `end`; what that took.
pub(crate) fn run(path: &Path, end: Timestamp, dir: &Path) -> Result<(Answer, Span), Failure> {
    let (answer, span) = measured(|| reconcile(path, end, dir));
    Ok((answer?, span))
}

fn reconcile(path: &Path, end: Timestamp, dir: &Path) -> Result<Answer, Failure> {
    let (mut ledger, failure) = ledger_over_a_file()?;
    let mut kept = File::create(dir.join("lines"))?;
    let mut lines = Lines::new(true)?;
    let mut out = Vec::new();
    ledger.apply(&lines.commit(Timestamp::from_ms(0), network()), &mut out);
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut batch = Vec::new();
    let mut more = true;
    while more {
        let mut count = 0;
        while more && count < BATCH_LINES {
            more = file.read_until(b'\n', &mut batch)? > 0;
            count += 1;
        }
        // Acknowledged is what is on the disk.
        kept.write_all(&batch)?;
        kept.sync_data()?;
        ledger.apply(&lines.batch(&batch)?, &mut out);
        out.clear();
        batch.clear();
    }
    ledger.apply(&lines.commit(end, Vec::new()), &mut out);
    failure.check()?;
    if ledger.unfolded_count() > 0 {
        return Err("the ledger could not take all that the file says".into());
    }
    answer(&ledger)
}

/// Sites, and a lane from each warehouse to each hub on which it is enough that goods are seen.
fn network() -> Vec<(Digest, Said)> {
    let place = |number| PlaceId::parse(&site(number)).expect("a place");
    let sites = (0..WAREHOUSES + HUBS).map(|number| {
        Object::Site(Site {
            id: place(number),
            label: String::new(),
            party: PartyId::parse(&party(number)).expect("a party"),
            kind: if number < WAREHOUSES {
                SiteKind::Warehouse
            } else {
                SiteKind::Hub
            },
            time_zone: "UTC".to_owned(),
            places: Vec::new(),
            dwell_max: None,
            fence: None,
        })
    });
    let lane = |from, to| {
        Object::Lane(Lane {
            id: format!("{from}-{to}").into(),
            from: place(from),
            to: place(to),
            carrier: None,
            mode: ContractMode::Sighting,
            grace: Period::from_secs(GRACE_MINUTES * 60),
            pick_up_grace: Period::from_secs(0),
            transit_max: None,
            transit_min: None,
        })
    };
    let lanes = (0..WAREHOUSES)
        .flat_map(|from| (WAREHOUSES..WAREHOUSES + HUBS).map(move |to| lane(from, to)));
    let acts = sites
        .chain(lanes)
        .map(|object| Act::Define(Box::new(object)));
    acts.map(|act| (Digest::ZERO, Said::Act(act))).collect()
}

fn answer(ledger: &Ledger) -> Result<Answer, Failure> {
    let mut lines = Vec::new();
    for one in ledger.standing() {
        lines.extend(short(one)?);
    }
    for class in ledger.classes() {
        for (account, amount) in ledger
            .balance(class)
            .into_iter()
            .flat_map(|one| one.accounts)
        {
            if let ClassAccount::Held { site, .. } = account {
                let (site, class) = (site.as_str(), class.as_str());
                lines.push(format!("stock|{site}|{class}|{}", amount.value));
            }
        }
    }
    for (account, units) in ledger.accounts() {
        if let (AccountKind::Held, Some(place)) = (account.kind, account.place) {
            lines.push(format!("held|{}|{units}", place.as_str()));
        }
    }
    Ok(lines.into_iter().collect())
}

/// The lines of one discrepancy: what is late came, and is not short.
fn short(one: &Discrepancy) -> Result<Vec<String>, Failure> {
    let other = || format!("the ledger found what nobody asked for: {}", one.kind);
    let stage = match one.kind {
        Kind::Late => return Ok(Vec::new()),
        Kind::Missing | Kind::QuantityMismatch => one.stage().ok_or_else(other)?,
        _ => return Err(other().into()),
    };
    let head = format!("{}|{}|{}", stage.plan.as_str(), stage.line, stage.stage);
    let amount = one.amount.iter();
    let amount = amount.map(|amount| format!("amount|{head}|{}", amount.difference.value));
    let units = one.units.iter();
    let units = units.map(|unit| format!("unit|{head}|{}", unit.as_str()));
    Ok(units.chain(amount).collect())
}
