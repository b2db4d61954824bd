//! Evidence as strangers hold it: receipts, archives, manifests, packs, loose files.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use countersign_attest::PublicKey;
use countersign_model::body::{ClaimBody, EnvelopeBody};
use countersign_model::digest::Digest;
use countersign_model::entry::{ClaimRef, entry_of};
use countersign_node::wire::split;
use countersign_pack::cose_receipt::{
    ConsistencyProof, CoseReceipt, CoseReceiptBuilder, InclusionProof, ScittStatement,
};
use countersign_pack::{ClaimReceipt, Listed, MANIFEST_NAME, Manifest, Pack, Role, archive};
use countersign_tlog::Hash;
use countersign_verify::{Trust, Verdict, shown_bodies, verify_pack, verify_receipts};

use super::encodings::CBOR_WORDS;
use crate::{Seeds, Target};

pub(super) const CLAIM_RECEIPT: Target = Target {
    name: "claim-receipt",
    what: "claim receipts: the same bytes again",
    seeds: &[
        Seeds::File("testdata/golden/log-v1/claim.receipt"),
        Seeds::Hex(
            "testdata/vectors/claim-receipt/v1/vectors.json",
            &["claim.receipt", "enrolment.receipt"],
        ),
    ],
    words: CBOR_WORDS,
    short_run: 8_000,
    run: claim_receipt,
};

pub(super) const COSE_RECEIPT: Target = Target {
    name: "cose-receipt",
    what: "COSE receipts: proofs read are proofs that can be made; made again and read they are equal",
    seeds: &[Seeds::Hex(
        "testdata/vectors/cose-receipt/v1/vectors.json",
        &["bytes"],
    )],
    words: CBOR_WORDS,
    short_run: 5_000,
    run: cose_receipt,
};

pub(super) const SCITT_STATEMENT: Target = Target {
    name: "scitt-statement",
    what: "statements with receipts: with their receipts written again they are read alike, and the entry stays",
    seeds: &[
        Seeds::Hex("testdata/vectors/cose-receipt/v1/vectors.json", &["bytes"]),
        Seeds::Hex("testdata/vectors/statement/v1/vectors.json", &["statement"]),
    ],
    words: CBOR_WORDS,
    short_run: 5_000,
    run: scitt_statement,
};

pub(super) const ARCHIVE: Target = Target {
    name: "archive",
    what: "archives of packs: the same bytes again; opened, verified and shown",
    seeds: PACKS,
    words: &[
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"../",
        b"/",
        b".",
        b"\\",
        b"CON",
        b"\x00",
    ],
    short_run: 3_000,
    run: archive_alone,
};

pub(super) const MANIFEST: Target = Target {
    name: "manifest",
    what: "manifests of packs: one spelling, the same text again",
    seeds: &[
        Seeds::FileOfPack("testdata/vectors/pack/v1/disclosed.zip", MANIFEST_NAME),
        Seeds::FileOfPack("testdata/vectors/pack/v1/no-enrolment.zip", MANIFEST_NAME),
    ],
    words: &[
        b"\"finding\"",
        b"\"unit\"",
        b"\\u0000",
        b"\\/",
        b"1e3",
        b"-1",
        b"18446744073709551615",
        b"keys/",
        b"receipts/",
        b".0",
    ],
    short_run: 4_000,
    run: manifest,
};

pub(super) const PACK: Target = Target {
    name: "pack",
    what: "packs whose files were changed and whose list and archive fit again: what is proven is what the log said",
    seeds: &[
        Seeds::FilesOfPack("testdata/vectors/pack/v1/withheld.zip"),
        Seeds::FilesOfPack("testdata/vectors/pack/v1/disclosed.zip"),
        Seeds::FilesOfPack("testdata/vectors/pack/v1/stale-checkpoint.zip"),
    ],
    words: CBOR_WORDS,
    short_run: 1_200,
    run: pack,
};

pub(super) const LOOSE_FILES: Target = Target {
    name: "loose-files",
    what: "receipts beside what belongs to them: what is proven is what the log said",
    seeds: &[Seeds::HexFiles(
        "testdata/vectors/claim-receipt/v1/vectors.json",
        "files",
    )],
    words: CBOR_WORDS,
    short_run: 1_200,
    run: loose_files,
};

const PACKS: &[Seeds] = &[
    Seeds::File("testdata/vectors/pack/v1/withheld.zip"),
    Seeds::File("testdata/vectors/pack/v1/disclosed.zip"),
    Seeds::File("testdata/vectors/pack/v1/no-enrolment.zip"),
];

fn claim_receipt(bytes: &[u8]) {
    if let Ok(read) = ClaimReceipt::decode(bytes) {
        assert!(read.encode() == bytes, "the same bytes again");
    }
}

fn cose_receipt(bytes: &[u8]) {
    let Ok(read) = CoseReceipt::parse(bytes) else {
        return;
    };
    let inclusion = read.inclusion_proofs();
    for proof in inclusion {
        let again = InclusionProof::new(proof.size(), proof.index(), proof.path().to_vec());
        assert_eq!(again.as_ref(), Ok(proof));
    }
    let consistency = read.consistency_proofs();
    for proof in consistency {
        let (old, new) = (proof.old_size(), proof.new_size());
        let again = ConsistencyProof::new(old, new, proof.path().to_vec());
        assert_eq!(again.as_ref(), Ok(proof));
    }
    let key = node_key();
    let entry = entry_of(b"an entry that is in no tree");
    assert!(read.verify_inclusion(entry.as_bytes(), key).is_err());
    let builder = CoseReceiptBuilder::new(key);
    if let Ok(made) = builder.assemble_inclusion(inclusion, &[0; 64]) {
        let again = CoseReceipt::parse(&made).expect("what is made is a receipt");
        assert_eq!(again.inclusion_proofs(), inclusion);
    }
    if let Ok(made) = builder.assemble_consistency(consistency, &[0; 64]) {
        let again = CoseReceipt::parse(&made).expect("what is made is a receipt");
        assert_eq!(again.consistency_proofs(), consistency);
        for proof in consistency {
            let _ = again.verify_consistency(proof.old_size(), &Hash::EMPTY_ROOT, key);
        }
    }
}

/// Any key: no receipt here is by it.
fn node_key() -> &'static PublicKey {
    static KEY: OnceLock<PublicKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let text = "Ed25519:gTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=";
        PublicKey::parse(text).expect("a key")
    })
}

fn scitt_statement(bytes: &[u8]) {
    let Ok(read) = ScittStatement::parse(bytes) else {
        return;
    };
    let bare = ScittStatement::parse(&read.logged_bytes()).expect("what is logged is a statement");
    assert_eq!(bare.entry(), read.entry());
    assert_eq!(bare.payload(), read.payload());
    assert!(bare.receipts().is_empty());
    if let Ok(made) = read.transparent(read.receipts()) {
        let again = ScittStatement::parse(&made).expect("what is made is a statement");
        assert_eq!(again.receipts(), read.receipts());
        assert_eq!(again.entry(), read.entry());
    }
    let _ = read.verify_signature(node_key());
}

fn archive_alone(bytes: &[u8]) {
    let _ = (verify_pack(bytes, trust()).to_json(), shown_bodies(bytes));
    let Ok(files) = archive::read(bytes) else {
        assert!(Pack::open(bytes).is_err());
        return;
    };
    assert_eq!(archive::write(&files).as_deref(), Ok(bytes));
    for (name, _) in &files {
        assert!(
            archive::is_safe_name(name) && !name.contains(".."),
            "{name}"
        );
    }
}

fn manifest(bytes: &[u8]) {
    if let Ok(read) = Manifest::parse(bytes) {
        assert!(read.render().as_bytes() == bytes, "the same text again");
    }
}

/// The log of the vectors, by its key.
fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| {
        let key = "log.example/site-1+6903f792+AX0jgl5uU6dyZ/Z1k4WWtQIXFYc5rkN8FT8s+LWDsAWN";
        Trust::keys([key]).expect("a key")
    })
}

/// A pack of these files, with a list that names them and an archive that holds them.
fn packed(files: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let files: BTreeMap<&str, &[u8]> = files.iter().copied().collect();
    let listed = files.iter().filter(|(name, _)| **name != MANIFEST_NAME);
    let listed = listed.map(|(name, bytes)| {
        let role = Role::of_name(name)?;
        let (bytes, sha256) = (bytes.len() as u64, Digest::of(bytes));
        Some(Listed {
            role,
            bytes,
            sha256,
        })
    });
    let template = Manifest::parse(files.get(MANIFEST_NAME)?).ok()?;
    let manifest = Manifest {
        files: listed.collect::<Option<_>>()?,
        ..template
    };
    let text = manifest.render();
    let mut files = files;
    files.insert(MANIFEST_NAME, text.as_bytes());
    let files: Vec<(&str, &[u8])> = files.into_iter().collect();
    archive::write(&files).ok()
}

/// Names and files in turn.
fn named(bytes: &[u8]) -> Option<Vec<(&str, &[u8])>> {
    let items = split(bytes)?;
    let named = items.chunks_exact(2).map(|pair| match pair {
        [name, file] => Some((std::str::from_utf8(name).ok()?, *file)),
        _ => None,
    });
    named.collect()
}

fn pack(bytes: &[u8]) {
    let Some(made) = named(bytes).and_then(|files| packed(&files)) else {
        return;
    };
    let report = verify_pack(&made, trust());
    let _ = (report.to_text(), report.to_json(), shown_bodies(&made));
    assert!(verify_pack(&made, &Trust::None).verdict() != Verdict::Proven);
    if report.verdict() != Verdict::Proven {
        return;
    }
    let pack = Pack::open(&made).expect("what is proven is a pack");
    for (_, receipt) in pack.receipts() {
        assert_said(receipt);
    }
    for (role, bytes) in pack.files() {
        match role {
            Role::Body(digest) => {
                let body = ClaimBody::decode(bytes).expect("a body");
                assert_eq!(body.digest(), *digest);
            }
            Role::Envelope(digest) => {
                let envelope = EnvelopeBody::decode(bytes).expect("an envelope");
                assert_eq!(envelope.digest(), *digest);
            }
            Role::Blob(digest) => assert_eq!(Digest::of(bytes), *digest),
            _ => {}
        }
    }
}

fn loose_files(bytes: &[u8]) {
    let Some(files) = named(bytes) else { return };
    let report = verify_receipts(&files, trust());
    let _ = (report.to_text(), report.to_json());
    assert!(verify_receipts(&files, &Trust::None).verdict() != Verdict::Proven);
    if report.verdict() == Verdict::Proven {
        let receipts = files
            .iter()
            .filter_map(|(_, bytes)| ClaimReceipt::decode(bytes).ok());
        receipts.for_each(|receipt| assert_said(&receipt));
    }
}

/// What a receipt says, apart from the proofs, of which there may be more than one.
type Said = (Digest, Vec<u8>, Vec<u8>, Vec<u8>);

fn said(receipt: &ClaimReceipt) -> Said {
    let ClaimReceipt {
        claim,
        statement,
        batch,
        record,
        ..
    } = receipt.clone();
    (claim, statement, batch, record)
}

/// Everything that the log of the vectors ever gave a receipt for.
fn assert_said(receipt: &ClaimReceipt) {
    static ALL: OnceLock<BTreeMap<ClaimRef, Said>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let packs: [&[u8]; 2] = [
            include_bytes!("../../../../testdata/vectors/pack/v1/disclosed.zip"),
            include_bytes!("../../../../testdata/vectors/pack/v1/stale-checkpoint.zip"),
        ];
        let packs = packs.map(|bytes| Pack::open(bytes).expect("a pack of the vectors"));
        let receipts = packs.iter().flat_map(Pack::receipts);
        receipts
            .map(|(_, receipt)| (receipt.at, said(receipt)))
            .collect()
    });
    let known = all.get(&receipt.at);
    assert!(
        known == Some(&said(receipt)),
        "{} was never said so",
        receipt.at
    );
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Project;

    fn seeds(target: &Target) -> Vec<Vec<u8>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        Project::at(&root).seeds(target).expect("seeds")
    }

    /// A target whose seeds prove nothing would assert nothing.
    #[test]
    fn seeds_are_proven_as_long_as_nothing_is_changed() {
        let proven = |bytes: &Vec<u8>| {
            let made = named(bytes).and_then(|files| packed(&files));
            made.is_some_and(|made| verify_pack(&made, trust()).verdict() == Verdict::Proven)
        };
        assert!(seeds(&PACK).iter().filter(|seed| proven(seed)).count() >= 2);
        let proven = |bytes: &Vec<u8>| {
            let files = named(bytes).expect("names and files");
            verify_receipts(&files, trust()).verdict() == Verdict::Proven
        };
        assert!(seeds(&LOOSE_FILES).iter().any(proven));
    }
}
