//! A log with two devices that hand a pallet over, and a finding of the node.

use countersign_model::body::{ClaimBody, Format};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, Index};
use countersign_pack::{
    About, Builder, ClaimReceipt, Listed, MANIFEST_NAME, Manifest, Pack, Role, archive,
};
use countersign_testkit::{Signer, TinyLog};
use countersign_verify::{Report, Trust, verify_pack};

pub(crate) const ORIGIN: &str = "log.example/site-1";
pub(crate) const UNIT: &str = "https://id.gs1.org/00/095201234567891235";

pub(crate) struct World {
    pub(crate) log: TinyLog,
    pub(crate) giver: Signer,
    pub(crate) taker: Signer,
    /// Claims of both devices.
    pub(crate) claims: Vec<ClaimRef>,
    /// A finding of the node, and its id.
    pub(crate) finding: ClaimRef,
    pub(crate) finding_id: Digest,
}

pub(crate) fn event(step: &str) -> String {
    format!(
        r#"{{"type":"ObjectEvent","bizStep":"{step}","epcList":["{UNIT}"],"name":"Jane Doe","note":"by hand"}}"#
    )
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut log = TinyLog::new(ORIGIN, seed);
        let mut giver = log.device("dock-7");
        let mut taker = log.device("van-3");
        let given = log.say(
            &mut giver,
            Format::EpcisJson,
            &[&event("departing"), &event("inspecting")],
        );
        let taken = log.say(&mut taker, Format::EpcisJson, &[&event("accepting")]);
        log.commit();
        let later = log.say(&mut giver, Format::EpcisJson, &[&event("loading")]);
        log.commit();
        let finding_id = Digest::of(b"finding");
        let finding = format!(
            r#"{{"type":"Finding","id":"{finding_id}","transition":1,"status":"open","kind":"custody_gap"}}"#
        );
        let mut node = log.node.clone();
        let found = log.say(&mut node, Format::CountersignJson, &[&finding]);
        log.commit();
        let at = |index: Index, ordinal| ClaimRef { index, ordinal };
        Self {
            log,
            giver,
            taker,
            claims: vec![at(given, 0), at(given, 1), at(taken, 0), at(later, 0)],
            finding: at(found, 0),
            finding_id,
        }
    }

    pub(crate) fn trust(&self) -> Trust {
        Trust::keys([self.log.vkey().as_str()]).expect("a key")
    }

    pub(crate) fn builder(&self, show: impl Fn(&ClaimBody) -> ClaimBody) -> Builder {
        let about = About::Finding(self.finding_id);
        self.log.pack(about, &self.claims, &[self.finding], show)
    }

    /// A pack of one claim and the finding, with everything disclosed.
    pub(crate) fn small_pack(&self) -> Vec<u8> {
        let claims = [*self.claims.first().expect("a claim")];
        let about = About::Finding(self.finding_id);
        let pack = self
            .log
            .pack(about, &claims, &[self.finding], ClaimBody::clone);
        pack.build().expect("a pack")
    }

    pub(crate) fn pack(&self) -> Vec<u8> {
        self.builder(ClaimBody::withheld).build().expect("a pack")
    }
}

/// The files of a pack, for a forger to change.
pub(crate) fn files_of(pack: &[u8]) -> Vec<(String, Vec<u8>)> {
    let opened = Pack::open(pack).expect("a whole pack");
    opened
        .files()
        .map(|(role, bytes)| (role.to_string(), bytes.to_vec()))
        .collect()
}

/// A pack of changed files, with a manifest and an archive that fit them: what a forger hands out.
pub(crate) fn repack(pack: &[u8], files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    let mut manifest = Pack::open(pack).expect("a whole pack").manifest().clone();
    change_manifest(&mut manifest, &files);
    archived(&manifest, files)
}

pub(crate) fn change_manifest(manifest: &mut Manifest, files: &[(String, Vec<u8>)]) {
    let mut files: Vec<&(String, Vec<u8>)> = files.iter().collect();
    files.sort();
    let listed = |(name, bytes): &(String, Vec<u8>)| Listed {
        role: Role::of_name(name).expect("a name of the format"),
        bytes: bytes.len() as u64,
        sha256: Digest::of(bytes),
    };
    manifest.files = files.into_iter().map(listed).collect();
}

pub(crate) fn archived(manifest: &Manifest, mut files: Vec<(String, Vec<u8>)>) -> Vec<u8> {
    files.push((MANIFEST_NAME.to_owned(), manifest.render().into_bytes()));
    files.sort();
    let files: Vec<archive::File<'_>> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    archive::write(&files).expect("an archive")
}

/// Demands a verdict, and that one of the worst pieces has this code.
pub(crate) fn expect(report: &Report, (word, code): (&str, &str)) {
    assert_eq!(report.verdict().as_str(), word, "{}", report.to_text());
    let verdict = report.verdict();
    let mut worst = report
        .pieces
        .iter()
        .filter(|piece| piece.verdict == verdict);
    assert!(
        worst.any(|piece| piece.code == code),
        "no {code}: {}",
        report.to_text()
    );
}

/// Verdict and code of the worst piece.
pub(crate) fn verdict(report: &Report) -> (&'static str, &'static str) {
    let code = report.worst().map_or("proven", |piece| piece.code);
    (report.verdict().as_str(), code)
}

pub(crate) fn judged(pack: &[u8], trust: &Trust) -> (&'static str, &'static str) {
    let report = verify_pack(pack, trust);
    assert!(!report.pieces.is_empty());
    verdict(&report)
}

/// A forger's pack: the files of this one changed, archive and manifest made to fit.
pub(crate) fn forged(pack: &[u8], change: impl FnOnce(&mut Files)) -> Vec<u8> {
    let mut files = Files(files_of(pack));
    change(&mut files);
    repack(pack, files.0)
}

/// The files in a forger's hands.
pub(crate) struct Files(pub(crate) Vec<(String, Vec<u8>)>);

impl Files {
    pub(crate) fn get(&mut self, name: &str) -> &mut Vec<u8> {
        let file = self.0.iter_mut().find(|(at, _)| at == name);
        &mut file.unwrap_or_else(|| panic!("no file {name}")).1
    }

    pub(crate) fn name(&self, contains: &str) -> String {
        let file = self.0.iter().find(|(at, _)| at.contains(contains));
        file.unwrap_or_else(|| panic!("no file {contains}"))
            .0
            .clone()
    }

    pub(crate) fn remove(&mut self, contains: &str) {
        let before = self.0.len();
        self.0.retain(|(at, _)| !at.contains(contains));
        assert!(self.0.len() < before, "no file {contains}");
    }

    pub(crate) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.0.push((name.to_owned(), bytes));
    }

    pub(crate) fn receipts(&mut self, change: impl Fn(&mut ClaimReceipt)) {
        for (name, bytes) in &mut self.0 {
            if name.ends_with(".receipt") {
                let mut receipt = ClaimReceipt::decode(bytes).expect("a receipt");
                change(&mut receipt);
                *bytes = receipt.encode();
            }
        }
    }

    pub(crate) fn receipt(&mut self, at: ClaimRef, change: impl Fn(&mut ClaimReceipt)) {
        self.receipts(|receipt| {
            if receipt.at == at {
                change(receipt);
            }
        });
    }
}
