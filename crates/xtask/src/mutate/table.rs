//! The defects that are planted, in the order of the flow.

use super::{Defect, Test};

const FAULT_TABLE: Test = Test {
    package: "countersign-engine",
    target: "power",
    name: "every_write_point_fails_in_every_way",
};
const DRAWN: Test = Test {
    package: "countersign-engine",
    target: "power",
    name: "drawn_schedules_of_a_forgetful_disk",
};

const fn engine(target: &'static str, name: &'static str) -> Test {
    Test {
        package: "countersign-engine",
        target,
        name,
    }
}

const fn verify(name: &'static str) -> Test {
    Test {
        package: "countersign-verify",
        target: "suite",
        name,
    }
}

const fn ledger(name: &'static str) -> Test {
    Test {
        package: "countersign-reconcile",
        target: "suite",
        name,
    }
}

const fn unit(package: &'static str, name: &'static str) -> Test {
    Test {
        package,
        target: "--lib",
        name,
    }
}

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "commit-without-sync",
        about: "the checkpoint is swapped without a sync of the ground",
        folder: "crates/engine/src",
        edits: &[("        self.stores.ground.sync()?;\n", "")],
        test: FAULT_TABLE,
    },
    Defect {
        name: "swap-before-sync",
        about: "the ground is synced behind the swap",
        folder: "crates/engine/src",
        edits: &[
            ("        self.stores.ground.sync()?;\n", ""),
            (
                "        self.checkpoint = note;\n",
                "        self.stores.ground.sync()?;\n        self.checkpoint = note;\n",
            ),
        ],
        test: FAULT_TABLE,
    },
    Defect {
        name: "failed-sync-retried",
        about: "a sync that failed is tried once more in place",
        folder: "crates/engine/src",
        edits: &[(
            "self.stores.ground.sync()?;",
            "self.stores.ground.sync().or_else(|_| self.stores.ground.sync())?;",
        )],
        test: FAULT_TABLE,
    },
    Defect {
        name: "published-before-the-swap",
        about: "a checkpoint is published that the second place does not hold yet",
        folder: "crates/engine/src",
        edits: &[(
            "        match self.stores.second.swap(expected, &note)? {",
            "        self.stores.published.put(\"checkpoint\", &note)?;\n        \
             match self.stores.second.swap(expected, &note)? {",
        )],
        test: FAULT_TABLE,
    },
    Defect {
        name: "published-before-its-tiles",
        about: "the published checkpoint moves before the tiles that it promises",
        folder: "crates/engine/src",
        edits: &[
            (
                "        let checkpoint = self.outward(signer)?.to_vec();\n        self.stores\n            \
                 .published\n            .put(PUBLISHED_CHECKPOINT, &checkpoint)?;\n",
                "",
            ),
            (
                "        let (from, to) = (TreeSize(self.published), TreeSize(size));\n",
                "        let (from, to) = (TreeSize(self.published), TreeSize(size));\n        \
                 let checkpoint = self.outward(signer)?.to_vec();\n        \
                 self.stores.published.put(PUBLISHED_CHECKPOINT, &checkpoint)?;\n",
            ),
        ],
        test: FAULT_TABLE,
    },
    Defect {
        name: "receipt-without-a-commit",
        about: "a submission is called accepted though its commit failed",
        folder: "crates/node/src",
        edits: &[(
            "        findings.extend(self.commit()?);\n        Ok(self.submitted(&answers, &findings))",
            "        findings.extend(self.commit().unwrap_or_default());\n        \
             Ok(self.submitted(&answers, &findings))",
        )],
        test: Test {
            package: "countersign-node",
            target: "stopped",
            name: "a_submission_whose_commit_fails_is_not_accepted",
        },
    },
    Defect {
        name: "second-place-not-settled",
        about: "a start trusts a second place that may lie in the cache alone",
        folder: "crates/engine/src",
        edits: &[("        self.settle_checkpoint()?;\n", "")],
        test: FAULT_TABLE,
    },
    Defect {
        name: "second-place-not-compared",
        about: "a start takes a ground that is shorter than the second place says",
        folder: "crates/engine/src",
        edits: &[
            ("    if have != size {", "    if have > size {"),
            (
                "    if tree.root().as_bytes() != root {",
                "    if have == size && tree.root().as_bytes() != root {",
            ),
        ],
        test: engine("faults", "a_ground_without_its_last_commit_is_refused"),
    },
    Defect {
        name: "turned-back-second-place",
        about: "a start does not ask whether more was published than the second place holds",
        folder: "crates/engine/src",
        edits: &[(
            "log.check_published(published.as_ref())?;",
            "log.check_published(published.as_ref()).unwrap_or(0);",
        )],
        test: engine(
            "faults",
            "a_shorter_or_different_ground_is_refused_and_left_alone",
        ),
    },
    Defect {
        name: "tail-not-wiped",
        about: "what was never committed stays behind the committed end",
        folder: "crates/engine/src",
        edits: &[(
            "        len => ground.overwrite(end, &vec![0; len]),",
            "        _ => Ok(()),",
        )],
        test: DRAWN,
    },
    Defect {
        name: "folders-not-durable",
        about: "a published file is put into a folder whose name was not synced (in the model of the disk)",
        folder: "crates/engine/tests",
        edits: &[("        self.disk.sync_folder(&above)?;\n", "")],
        test: DRAWN,
    },
    Defect {
        name: "one-slot",
        about: "a swap overwrites the slot that holds the value",
        folder: "crates/store-local/src",
        edits: &[(
            "(1 - slot.which, slot.number + 1)",
            "(slot.which, slot.number + 1)",
        )],
        test: Test {
            package: "countersign-store-local",
            target: "files",
            name: "a_torn_slot_leaves_the_value_before_it",
        },
    },
    Defect {
        name: "replay-with-a-new-index",
        about: "a statement that is sent again is answered with the next index",
        folder: "crates/engine/src",
        edits: &[(
            "            Outcome::Replay(index) => return Ok(Taken::Replay(index)),",
            "            Outcome::Replay(_) => return Ok(Taken::Replay(index)),",
        )],
        test: engine(
            "faults",
            "a_replay_gets_its_first_answer_and_no_second_entry",
        ),
    },
    Defect {
        name: "erasure-leaves-bytes",
        about: "an erasure leaves the last byte of what it destroys",
        folder: "crates/record/src",
        edits: &[(
            "(check, vec![0; CHECK_LEN + payload_len]),",
            "(check, vec![0; CHECK_LEN + payload_len - 1]),",
        )],
        test: unit(
            "countersign-record",
            "an_erasure_that_is_cut_off_anywhere_leaves_a_record_that_can_be_read",
        ),
    },
    Defect {
        name: "rotation-destroys-keys",
        about: "a rotation whose commit fails destroys the keys that the log may still have",
        folder: "crates/node/src",
        edits: &[(
            "matches!(renewed, Err(RenewError::Refused(_)))",
            "renewed.is_err()",
        )],
        test: Test {
            package: "countersign",
            target: "system_calls",
            name: "rotate",
        },
    },
    Defect {
        name: "any-cut",
        about: "a body that leaves a field open which must be sealed is taken",
        folder: "crates/engine/src",
        edits: &[(
            "        Err(wrong_cut(bytes, &given, &required))\n",
            "        let _ = wrong_cut(bytes, &given, &required);\n        Ok(())\n",
        )],
        test: engine("vectors", "one_cut_is_right"),
    },
    Defect {
        name: "key-out-of-force",
        about: "a key that was taken out of force still signs",
        folder: "crates/attest/src",
        edits: &[(
            "    if let Some(index) = entry.revoked {\n        let reason = format!(\"the key {key} is out",
            "    if let Some(index) = entry.revoked.filter(|_| false) {\n        let reason = format!(\"the key {key} is out",
        )],
        test: Test {
            package: "countersign-attest",
            target: "suite",
            name: "keys_out_of_force",
        },
    },
    Defect {
        name: "lax-integers",
        about: "CBOR integers and lengths may be longer than they need",
        folder: "crates/model/src",
        edits: &[(
            "        if value < floor {",
            "        if value < floor && floor == 0 {",
        )],
        test: unit("countersign-model", "strictness"),
    },
    Defect {
        name: "lax-map-keys",
        about: "a CBOR map may hold a key twice",
        folder: "crates/model/src",
        edits: &[(
            "is_none_or(|before| before < raw)",
            "is_none_or(|before| before <= raw)",
        )],
        test: unit("countersign-model", "strictness"),
    },
    Defect {
        name: "ed25519-not-strict",
        about: "Ed25519 is accepted by the lax rule of RFC 8032",
        folder: "crates/tlog/src",
        edits: &[(
            "key.verify_strict(message, &signature).is_ok()",
            "ed25519_dalek::Verifier::verify(key, message, &signature).is_ok()",
        )],
        test: unit("countersign-tlog", "a_key_of_small_order_signs_nothing"),
    },
    Defect {
        name: "ed25519-small-order",
        about: "a signature whose R is of small order is accepted",
        folder: "crates/attest/src",
        edits: &[(
            "!is_of_small_order(signature)",
            "signature.len() < usize::MAX",
        )],
        test: unit(
            "countersign-attest",
            "a_signature_with_r_of_small_order_is_refused",
        ),
    },
    Defect {
        name: "oracle-off-by-one",
        about: "the naive Merkle tree that checks ours splits at another leaf",
        folder: "crates/tlog/src",
        edits: &[(
            "let split = leaves.len().next_power_of_two() / 2;",
            "let split = (leaves.len().next_power_of_two() / 2 - 1).max(1);",
        )],
        test: unit("countersign-tlog", "proofs_agree_with_the_naive_tree"),
    },
    Defect {
        name: "checkpoint-signature-not-checked",
        about: "the verifier takes a checkpoint though its signature does not hold",
        folder: "crates/verify/src",
        edits: &[(
            "        Err(error) => return Err(refused(&error, origin)),",
            "        Err(_) => {\n            let signer = keys.first().expect(\"a key\").clone();\n            \
             return Ok(Trusted { signer, cosigned: Vec::new() });\n        }",
        )],
        test: verify("a_pack_that_another_key_signed"),
    },
    Defect {
        name: "inclusion-not-checked",
        about: "the verifier believes every inclusion proof",
        folder: "crates/verify/src",
        edits: &[(
            "        let leaf = Hash::leaf(entry.as_bytes());\n        verify_inclusion(",
            "        let leaf = Hash::leaf(entry.as_bytes());\n        if path.len() < 64 {\n            \
             return Ok(());\n        }\n        verify_inclusion(",
        )],
        test: verify("changed_receipts"),
    },
    Defect {
        name: "two-histories-not-seen",
        about: "the verifier does not compare two checkpoints of one size",
        folder: "crates/verify/src",
        edits: &[(
            "            if *before != root {",
            "            if *before != root && root.is_empty() {",
        )],
        test: verify("two_histories_are_seen"),
    },
    Defect {
        name: "any-body",
        about: "the verifier takes a body whose bytes, cut or salts are not those that were signed",
        folder: "crates/verify/src",
        edits: &[(
            "    if body.digest() != digest {",
            "    if body.digest() != digest && body.parts.is_empty() {",
        )],
        test: verify("bodies_and_envelopes_that_are_not_the_ones"),
    },
    Defect {
        name: "any-verdict-record",
        about: "the verifier does not ask whether the batch holds the verdict record",
        folder: "crates/verify/src",
        edits: &[(
            "    verify_inclusion(&leaf, position, size, &receipt.record_path, &root).map_err(not_in_batch)?;\n",
            "    let _ = verify_inclusion(&leaf, position, size, &receipt.record_path, &root).map_err(not_in_batch);\n",
        )],
        test: verify("changed_receipts"),
    },
    Defect {
        name: "tile-not-compared",
        about: "fsck takes any bytes for a tile",
        folder: "crates/engine/src",
        edits: &[(
            "Some(there) if there == bytes => self.mended.right += 1,",
            "Some(there) if there.len() == bytes.len() => self.mended.right += 1,",
        )],
        test: Test {
            package: "countersign",
            target: "fsck",
            name: "what_is_derived_is_put_right",
        },
    },
    Defect {
        name: "history-record-not-checked",
        about: "a record of the history is given though its check does not hold",
        folder: "crates/store-local/src",
        edits: &[(
            "        if frame.check(self.seed, at, record) != check {",
            "        if frame.check(self.seed, at, record) != check && check == 0 {",
        )],
        test: Test {
            package: "countersign-store-local",
            target: "history",
            name: "any_flipped_bit_is_noticed_and_never_answered_from",
        },
    },
    Defect {
        name: "history-claim-not-found",
        about: "the record of a claim is not found by its identity",
        folder: "crates/engine/src",
        edits: &[(
            "            if claim_in(&record) == Some((claim, at)) {",
            "            if claim_in(&record).is_none() {",
        )],
        test: engine("history", "what_is_taken_back_is_found_by_its_identity"),
    },
    Defect {
        name: "history-failure-not-asked",
        about: "what the folds conclude counts though their history could not be read",
        folder: "crates/engine/src",
        edits: &[(
            "        self.failure.check()?;\n        Ok(changes)\n",
            "        Ok(changes)\n",
        )],
        test: engine("history", "a_history_that_cannot_be_read_stops_the_process"),
    },
    Defect {
        name: "history-chain-cut",
        about: "the record of an observation does not name the one before of the same unit",
        folder: "crates/reconcile/src",
        edits: &[(
            "                .map(|unit| self.units.row(*unit).newest)\n",
            "                .map(|_| None)\n",
        )],
        test: ledger("order_and_batches_do_not_matter"),
    },
    Defect {
        name: "quiet-though-late",
        about: "an observation that is earlier than the last one of its unit is taken without its history",
        folder: "crates/reconcile/src",
        edits: &[(
            "    let is_last = before.last < row.time;\n",
            "    let is_last = before.last != row.time;\n",
        )],
        test: ledger("order_and_batches_do_not_matter"),
    },
    Defect {
        name: "quiet-under-other-papers",
        about: "an observation under the papers of other goods is taken without its history",
        folder: "crates/reconcile/src",
        edits: &[(
            "        (Some(doc), None) if is_inside || known.lists(*doc, unit) => Some(*doc),\n",
            "        (Some(doc), None) => Some(*doc),\n",
        )],
        test: ledger("what_comes_under_the_wrong_papers_is_unexpected"),
    },
];
