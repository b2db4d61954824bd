//! Data folders that a node made, on disk: read beside it, after it, and damaged bit by bit.

use std::path::Path;

use countersign_model::entry::{ClaimRef, Index};
use countersign_record::segment::{HEADER_LEN, records};
use countersign_testkit::{DataFolder, Files, Signer};
use countersign_verify::{Report, Trust, Verdict, verify_log};

use crate::folder::Memory;
use crate::world::expect;

const ORIGIN: &str = "log.example/on-disk";

fn trust(folder: &DataFolder) -> Trust {
    Trust::keys([folder.vkey().as_str()]).expect("a key")
}

fn verify(root: &Path, trust: &Trust) -> Report {
    let folder = countersign_verify::DataFolder::new(root);
    verify_log(&folder, trust, &[], 2, &mut |_| ()).expect("a folder that can be read")
}

fn alias(n: usize) -> String {
    format!(r#"{{"type":"Alias","unit":"urn:x:{n}","sameAs":"urn:y:{n}","note":"said by {n}"}}"#)
}

/// Claims of a device, `count` commits of `size` statements, each commit published.
fn talk(folder: &mut DataFolder, device: &mut Signer, count: usize, size: usize) -> Vec<Index> {
    let mut said = Vec::new();
    for commit in 0..count {
        for statement in 0..size {
            let objects = [
                alias(commit * size + statement),
                alias(100_000 + commit * size + statement),
            ];
            let objects = [objects[0].as_str(), objects[1].as_str()];
            said.push(folder.say(device, &objects));
        }
        folder.commit();
        folder.publish();
    }
    said
}

fn proven(report: &Report) {
    assert_eq!(report.verdict(), Verdict::Proven, "{}", report.to_text());
}

#[test]
fn a_folder_is_read_beside_its_node_and_after_it() {
    let temp = tempfile::tempdir().expect("a folder");
    let mut folder = DataFolder::new(temp.path(), ORIGIN);
    let trust = trust(&folder);
    proven(&verify(folder.root(), &trust));
    let mut device = folder.device("dock-1");
    let said = talk(&mut folder, &mut device, 12, 30);
    assert!(folder.size() > 300);
    let report = verify(folder.root(), &trust);
    proven(&report);
    assert_eq!(report.size, Some(folder.size()));
    // Committed and not published yet.
    folder.say(&mut device, &[&alias(7)]);
    folder.commit();
    let report = verify(folder.root(), &trust);
    proven(&report);
    assert!(
        report
            .remarks
            .iter()
            .any(|remark| remark.code == "unpublished")
    );
    // Erased: two claims, each with a note.
    assert_eq!(
        folder.erase(ClaimRef {
            index: said[3],
            ordinal: 1
        }),
        1
    );
    let folder = folder.reopened();
    let report = verify(folder.root(), &trust);
    proven(&report);
    let erased = report.remarks.iter().find(|remark| remark.code == "erased");
    assert!(
        erased.is_some_and(|erased| erased.words.ends_with(": 1")),
        "{}",
        report.to_text()
    );
}

/// A small folder: full tiles and partial ones, older partial ones too, an erased record.
fn small(temp: &Path) -> (Files, Trust) {
    let mut folder = DataFolder::new(temp, ORIGIN);
    let trust = trust(&folder);
    let mut device = folder.device("dock-1");
    let said = talk(&mut folder, &mut device, 3, 2);
    let index = *said.first().expect("a statement");
    folder.erase(ClaimRef { index, ordinal: 0 });
    let root = folder.root().to_owned();
    let files = folder.files();
    proven(&verify(&root, &trust));
    (files, trust)
}

/// Offset behind the last record of a segment.
fn used(bytes: &[u8]) -> usize {
    let last = records(bytes, HEADER_LEN)
        .map(|record| record.expect("a whole segment"))
        .last();
    last.map_or(HEADER_LEN, |record| record.end())
}

/// Bits of the files that count, spread evenly: (file, byte, bit).
fn bits(files: &Files, about: usize) -> Vec<(String, usize, u8)> {
    let used = |name: &str, bytes: &[u8]| {
        if name.ends_with(".seg") {
            used(bytes)
        } else {
            bytes.len()
        }
    };
    let total: usize = files.iter().map(|(name, bytes)| used(name, bytes)).sum();
    let step = (total / about).max(1);
    let mut out = Vec::new();
    for (name, bytes) in files {
        for (n, byte) in (0..used(name, bytes)).step_by(step.min(64)).enumerate() {
            out.push((
                name.clone(),
                byte,
                u8::try_from(n * 5 % 8).expect("below 8"),
            ));
        }
    }
    out
}

#[test]
fn every_flipped_bit_is_found() {
    let temp = tempfile::tempdir().expect("a folder");
    let (files, trust) = small(temp.path());
    let mut folder = Memory(files);
    proven(&folder.verify(&trust));
    let bits = bits(&folder.0, 1_500);
    assert!(bits.len() > 1_000, "{} bits", bits.len());
    for (name, byte, bit) in bits {
        folder.get(&name)[byte] ^= 1 << bit;
        let report = folder.verify(&trust);
        let at = format!("{name}, byte {byte}, bit {bit}");
        // A signature of somebody unknown under the checkpoint is nobody's affair; ours is one line.
        assert_ne!(
            report.verdict(),
            Verdict::Proven,
            "{at}: {}",
            report.to_text()
        );
        folder.get(&name)[byte] ^= 1 << bit;
    }
}

#[test]
fn free_space_is_nobodys_word() {
    let temp = tempfile::tempdir().expect("a folder");
    let (files, trust) = small(temp.path());
    let mut folder = Memory(files);
    let name = "ground/00000000.seg";
    let end = used(&folder.0[name]);
    folder.get(name)[end + 20] = 1;
    let report = folder.verify(&trust);
    proven(&report);
    assert!(
        report
            .remarks
            .iter()
            .any(|remark| remark.code == "free_space_used"),
        "{}",
        report.to_text()
    );
    // Where a record would begin it looks like one that was broken off.
    folder.get(name)[end] = 1;
    let report = folder.verify(&trust);
    proven(&report);
    let remark = "unfinished_tail";
    assert!(
        report.remarks.iter().any(|one| one.code == remark),
        "{}",
        report.to_text()
    );
    // With something at its end it does not.
    folder.get(name)[end + 63] = 1;
    expect(&folder.verify(&trust), ("cannot_tell", "tail_unreadable"));
}

#[test]
fn every_published_file_is_missed() {
    let temp = tempfile::tempdir().expect("a folder");
    let (files, trust) = small(temp.path());
    let widest = |kind: &str| {
        let names = files.keys().filter(|name| name.contains(kind));
        let width = |name: &&String| {
            name.rsplit('/')
                .next()
                .and_then(|width| width.parse::<u32>().ok())
        };
        names.max_by_key(width).expect("a tile").clone()
    };
    for (name, code) in [
        ("log/checkpoint".to_owned(), "checkpoint_absent"),
        (widest("log/tile/0/"), "tile_absent"),
        (widest("log/tile/entries/"), "tile_absent"),
    ] {
        let mut folder = Memory(files.clone());
        folder.remove(&name);
        expect(&folder.verify(&trust), ("cannot_tell", code));
    }
}
