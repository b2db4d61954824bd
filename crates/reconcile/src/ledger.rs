//! The ledger: one fold, and the questions that it answers.

mod balance;
mod check;
mod day;
mod digest;
mod plans;
mod resume;
mod settle;
mod steps;
mod tallies;
mod timeline;
mod totals;

use std::collections::BTreeSet;

use countersign_model::act::{Act, ProposedAction};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, ClaimStatus, Index};
use countersign_model::fold::{AdmittedStatement, Fold, FoldBatch, Said};
use countersign_model::ids::UnitId;
use countersign_model::network::Network;
use countersign_model::time::Timestamp;

use crate::account::Account;
use crate::bookmark::Bookmarks;
use crate::books::{AccountKey, Books};
use crate::change::Change;
use crate::classes::Classes;
use crate::discrepancy::Discrepancy;
use crate::history::{History, InMemory};
use crate::known::Known;
use crate::known::choices::Choice;
use crate::known::class_events::Adjustment;
use crate::known::desk::Desk;
use crate::known::register::Register;
use crate::known::sources::Heard;
use crate::known::take::Sink;
use crate::known::unfolded::{AMOUNT_OUT_OF_RANGE, Unfolded};
use crate::known::units::WriteOff;
use crate::limits::amount_fits;
use crate::number::{DocNo, PrincipalNo, UnitNo};
use crate::packed::hash::Secret;
use crate::progress::Progress;
use crate::standing::Standing;
use crate::timers::{Timers, Waiting};
use crate::touched::Touched;

pub use balance::ClassBalance;
pub use day::{Day, Found, SiteDay};
pub use timeline::{ExpectationView, Link, Timeline};
pub use totals::{GroupTotals, StateCounts, Totals};

/// The custody ledger (CUS-1 to CUS-4): see the crate's own page.
#[derive(Debug)]
pub struct Ledger {
    known: Known,
    history: Box<dyn History>,
    desk: Desk,
    books: Books,
    classes: Classes,
    progress: Progress,
    bookmarks: Bookmarks,
    standing: Standing,
    timers: Timers,
    waiting: Waiting,
    /// Manifests under which units were counted, and of which a line stands otherwise since.
    tallies: BTreeSet<DocNo>,
    /// Sources that are silent at the tick.
    silent: BTreeSet<PrincipalNo>,
    touched: Touched,
    /// Imports that were opened and not closed.
    imports: BTreeSet<Box<str>>,
    index: Index,
}

impl Fold for Ledger {
    type Out = Change;
    const VERSION: u32 = 3;

    /// Takes one commit in. Acts must be authorised already; claims count by their status.
    ///
    /// # Panics
    /// If the accounts do not balance (CUS-1): that is a mistake in this crate.
    fn apply(&mut self, batch: &FoldBatch, out: &mut Vec<Change>) {
        self.index = batch.index;
        self.known.tick = self.known.tick.max(batch.tick);
        for statement in &batch.statements {
            self.hear(statement, batch.recorded);
            let said = (statement, batch.recorded);
            for admitted in &statement.claims {
                match &admitted.said {
                    Some(Said::Claim(claim)) => {
                        self.tell(|known, sink| known.take(said, admitted, claim, sink));
                    }
                    Some(Said::Act(act)) if admitted.status == ClaimStatus::Effective => {
                        self.act(act);
                    }
                    Some(Said::Act(_)) | None => {}
                }
            }
        }
        // What an import brings is judged once, when it is closed (format law 9).
        if self.imports.is_empty() {
            self.settle(out);
        } else {
            self.put_off();
        }
    }

    /// Costs time for every claim and unit; for snapshots, not for every batch.
    fn state_digest(&self) -> Digest {
        self.digest()
    }
}

impl Default for Ledger {
    fn default() -> Self {
        Self::new(Box::<InMemory>::default(), 0)
    }
}

impl Ledger {
    /// A ledger of nothing, with an empty history. `secret` is random: it keeps anybody outside from
    /// choosing texts that are found slowly, and bears on nothing that leaves the ledger.
    #[must_use]
    pub fn new(history: Box<dyn History>, secret: u64) -> Self {
        let mut known = Known::default();
        known.atlas.names = Register::keyed(Secret::new(secret));
        Self {
            known,
            history,
            desk: Desk::default(),
            books: Books::default(),
            classes: Classes::default(),
            progress: Progress::default(),
            bookmarks: Bookmarks::default(),
            standing: Standing::default(),
            timers: Timers::default(),
            waiting: Waiting::default(),
            tallies: BTreeSet::new(),
            silent: BTreeSet::new(),
            touched: Touched::default(),
            imports: BTreeSet::new(),
            index: Index::default(),
        }
    }

    /// Carries out what two people agreed on. The engine calls it, with the approval's place in
    /// the log and the tick of its batch, *before* [`Fold::apply`] of that batch, in the order
    /// of the approvals; what follows from it is told by that `apply`.
    ///
    /// A write-off closes the account of a unit for everything up to `instant`; whoever sees it
    /// later finds it again. An adjustment changes the amount of a class at `instant`. A change of a plan
    /// lets another claim about it stand.
    pub fn apply_approved(&mut self, action: &ProposedAction, at: ClaimRef, instant: Timestamp) {
        match action {
            ProposedAction::WriteOff { units } => {
                for unit in units {
                    let unit = self.known.unit(unit);
                    self.known.units.write_off(unit, WriteOff { instant, at });
                    self.touched.units.push(unit);
                }
            }
            ProposedAction::PlanChange { plan, claim } => {
                let plan = self.known.atlas.names.docs.number(plan);
                let choice = Choice {
                    instant,
                    at,
                    claim: *claim,
                };
                self.known.choices.add(plan, choice);
                self.touched.manifests.insert(plan);
                self.touched.counts.insert(plan);
                self.touched.documents.insert(plan);
                let milestones = self.known.milestones.of_plan(plan);
                self.touched.milestones.extend(milestones);
            }
            ProposedAction::StockAdjustment { difference, .. } if !amount_fits(*difference) => {
                self.known.unfolded.note(at, AMOUNT_OUT_OF_RANGE);
            }
            ProposedAction::StockAdjustment {
                class,
                place,
                difference,
                uom,
            } => {
                let class = (self.known.atlas.class(class), *uom);
                let adjustment = Adjustment {
                    instant,
                    at,
                    place: self.known.atlas.place(place),
                    difference: *difference,
                };
                self.known.classes.adjust(class, adjustment);
                self.touched.refold(class);
            }
        }
    }

    /// Whatever it says, a statement says that its source lives.
    fn hear(&mut self, statement: &AdmittedStatement, recorded: Timestamp) {
        let Some(hearing) = self.known.hear(statement, recorded) else {
            return;
        };
        let source = hearing.source;
        let heard = hearing.since.map(|since| Heard { source, since });
        self.touched.heard.extend(heard);
        if hearing.is_news || self.silent.contains(&source) {
            self.touched.sources.insert(source);
        }
    }

    fn act(&mut self, act: &Act) {
        let network = &mut self.known.atlas.network;
        match act {
            Act::Define(object) if network.object(object.kind(), object.id()) == Some(object) => {}
            Act::Define(object) => {
                network.define((**object).clone());
                self.touched.everything = true;
            }
            Act::Withdraw { kind, id } => {
                self.touched.everything |= network.object(*kind, id).is_some();
                network.withdraw(*kind, id);
            }
            Act::Import { id, opens: true } => {
                self.imports.insert(id.clone());
            }
            Act::Import { id, opens: false } => {
                self.imports.remove(id);
            }
            Act::Suspect(suspicion) => {
                self.tell(|known, sink| known.doubt(*suspicion, sink));
            }
            Act::ClockOffset(clock) => {
                self.tell(|known, sink| known.set_clock(*clock, sink));
            }
            Act::Outage(outage) => {
                self.known.outages.add(*outage);
                for source in self.known.sources.numbers() {
                    self.touched.owes_anew(source);
                }
            }
            // Proposals come back through `apply_approved`; the rest moves no goods.
            _ => {}
        }
    }

    /// Lets what is known take something in.
    fn tell(&mut self, take: impl FnOnce(&mut Known, &mut Sink<'_>)) {
        let mut sink = Sink {
            desk: &mut self.desk,
            history: &mut *self.history,
            touched: &mut self.touched,
        };
        take(&mut self.known, &mut sink);
    }

    /// Index of the last batch that was applied.
    #[must_use]
    pub const fn index(&self) -> Index {
        self.index
    }

    /// The largest tick so far.
    #[must_use]
    pub const fn tick(&self) -> Timestamp {
        self.known.tick
    }

    /// What was observed.
    #[must_use]
    pub fn history(&self) -> &dyn History {
        &*self.history
    }

    /// The network in force.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.known.atlas.network
    }

    /// Imports that are open: while there is one, nothing new is judged.
    pub fn open_imports(&self) -> impl Iterator<Item = &str> {
        self.imports.iter().map(|id| &**id)
    }

    /// The standing discrepancies, by id.
    pub fn standing(&self) -> impl Iterator<Item = &Discrepancy> {
        self.standing.all()
    }

    /// One standing discrepancy.
    #[must_use]
    pub fn discrepancy(&self, id: Digest) -> Option<&Discrepancy> {
        self.standing.by_id(id)
    }

    /// The standing discrepancies that name a unit by any of its keys, by id.
    pub fn discrepancies_of<'a>(
        &'a self,
        unit: &UnitId,
    ) -> impl Iterator<Item = &'a Discrepancy> + use<'a> {
        let name = self.unit_called(unit);
        self.standing.of_unit(name.as_ref().unwrap_or(unit))
    }

    /// The smallest key of the unit that `key` names; `None` for a key that was never named.
    #[must_use]
    pub fn unit_called(&self, key: &UnitId) -> Option<UnitId> {
        let root = self.root(key)?;
        Some(self.known.atlas.names.units.name(root))
    }

    /// The account of a unit; `None` for a key that was never named.
    #[must_use]
    pub fn account_of(&self, key: &UnitId) -> Option<Account> {
        let account = self.books.account(self.root(key)?)?;
        Some(self.account_named(account))
    }

    /// How many units are in each account, sorted. The sum is the number of units known (CUS-1).
    #[must_use]
    pub fn accounts(&self) -> Vec<(Account, u64)> {
        let counts = self.books.counts();
        let mut all: Vec<(Account, u64)> = counts
            .map(|(account, count)| (self.account_named(account), count))
            .collect();
        all.sort();
        all
    }

    /// The newest parts of claims that could not be taken, oldest first (LIM-1).
    pub fn unfolded(&self) -> impl Iterator<Item = &Unfolded> {
        self.known.unfolded.newest()
    }

    /// How many parts of claims could not be taken since the beginning.
    #[must_use]
    pub const fn unfolded_count(&self) -> u64 {
        self.known.unfolded.count()
    }

    /// Counts every unit and every class again and compares (CUS-1).
    ///
    /// # Panics
    /// If the books do not balance.
    pub fn check_conservation(&self) {
        self.books.assert_recount(self.units_known());
        self.classes.assert_balance();
    }

    /// Judges every unit again from its history and compares (CUS-4).
    ///
    /// # Panics
    /// If what stands of one is anything else.
    pub fn check_judgements(&self) {
        for unit in self.known.units.numbers() {
            self.assert_judged(unit);
        }
    }

    fn units_known(&self) -> usize {
        self.known.units.len() - self.known.aliases.absorbed_count()
    }

    fn root(&self, key: &UnitId) -> Option<UnitNo> {
        let number = self.known.atlas.names.units.find(key)?;
        Some(self.known.aliases.root(number))
    }

    fn account_named(&self, account: AccountKey) -> Account {
        let names = &self.known.atlas.names;
        Account {
            kind: account.kind,
            party: account.party.map(|party| names.parties.name(party).clone()),
            place: account.place.map(|place| names.places.name(place).clone()),
        }
    }
}
