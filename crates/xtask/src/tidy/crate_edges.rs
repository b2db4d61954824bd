//! Which crate may depend on which. Edges are transitive: what an allowed crate may use is allowed.

use std::collections::BTreeSet;

use super::Fault;
use crate::workspace::{EdgeKind, Package, Tree};

/// Crates by folder, those to come included, and what each may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("epcis", &["model"]),
    ("documents", &["model"]),
    ("attest", &["model"]),
    ("tlog", &["model"]),
    ("pack", &["attest", "tlog"]),
    ("verify", &["pack", "record"]),
    ("record", &["attest", "tlog"]),
    ("witness", &["tlog", "ports"]),
    ("reconcile", &["model"]),
    ("detect", &["reconcile"]),
    ("access", &["attest"]),
    ("handover", &["attest"]),
    ("respond", &["detect", "access"]),
    ("report", &["pack", "respond"]),
    ("ports", &["model", "tlog"]),
    ("store-local", &["ports"]),
    ("store-cluster", &["ports"]),
    ("signer-pkcs11", &["ports"]),
    ("agent-tpm", &["ports"]),
    (
        "engine",
        &[
            "attest",
            "record",
            "reconcile",
            "detect",
            "respond",
            "report",
            "epcis",
            "documents",
            "ports",
        ],
    ),
    ("feeds", &["model", "epcis", "documents", "ports"]),
    ("api", &["engine", "report", "epcis"]),
    (
        "node",
        &["api", "feeds", "witness", "store-local", "store-cluster"],
    ),
    ("cli", &["node", "verify", "sim"]),
    ("sim", &["model", "epcis", "attest"]),
];

/// May depend on anything; nothing depends on them, but tests may use the first.
const TOOLS: [&str; 4] = ["testkit", "xtask", "fuzz", "bench"];
const USABLE_IN_TESTS: &str = "testkit";

/// The simulated world must not know how it will be judged.
const BLIND: &str = "sim";
const UNSEEN: [&str; 2] = ["reconcile", "detect"];

pub(super) fn faults(tree: &Tree) -> Vec<Fault> {
    let each = tree.packages.iter().flat_map(|package| {
        let edges = package
            .edges
            .iter()
            .filter_map(|(to, kind)| refuse(tree, package, to, *kind));
        let text = refuse_name(package)
            .into_iter()
            .chain(edges)
            .collect::<Vec<_>>();
        text.into_iter()
            .map(|text| Fault::of(&manifest(package), text))
    });
    each.chain(seen_by_the_blind(tree)).collect()
}

fn manifest(package: &Package) -> String {
    format!("crates/{}/Cargo.toml", package.folder)
}

fn refuse_name(package: &Package) -> Option<String> {
    let Package { folder, name, .. } = package;
    let is_tool = TOOLS.contains(&folder.as_str());
    if !is_tool && !ALLOWED.iter().any(|(known, _)| known == folder) {
        return Some(format!(
            "the crate `{folder}` is not in the table of allowed edges (crates/xtask/src/tidy/crate_edges.rs)"
        ));
    }
    let is_right = match folder.as_str() {
        "cli" => name == "countersign",
        _ => *name == format!("countersign-{folder}") || (is_tool && name == folder),
    };
    (!is_right).then(|| format!("the package in crates/{folder} is called `{name}`"))
}

fn refuse(tree: &Tree, from: &Package, to: &str, kind: EdgeKind) -> Option<String> {
    let Some(to) = tree.packages.iter().find(|package| package.name == to) else {
        return Some(format!("`{to}` is a path dependency outside the workspace"));
    };
    let (from, to) = (from.folder.as_str(), to.folder.as_str());
    let is_allowed = TOOLS.contains(&from)
        || (kind == EdgeKind::Dev && (to == USABLE_IN_TESTS || to == from))
        || allowed_from(from).contains(to);
    let section = match kind {
        EdgeKind::Normal => "dependencies",
        EdgeKind::Dev => "dev-dependencies",
        EdgeKind::Build => "build-dependencies",
    };
    (!is_allowed).then(|| format!("`{from}` must not depend on `{to}` ({section})"))
}

/// Everything reachable in the table.
fn allowed_from(folder: &str) -> BTreeSet<&'static str> {
    let direct = |folder: &str| {
        let row = ALLOWED.iter().find(|(known, _)| *known == folder);
        row.map_or(&[][..], |(_, to)| *to).iter().copied()
    };
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = direct(folder).collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(direct(next));
        }
    }
    reached
}

/// Follows the edges as they are: those for its own tests, and what its dependencies build with.
fn seen_by_the_blind(tree: &Tree) -> Vec<Fault> {
    let Some(blind) = tree.packages.iter().find(|package| package.folder == BLIND) else {
        return Vec::new();
    };
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = blind.edges.iter().map(|(to, _)| to.as_str()).collect();
    while let Some(name) = open.pop() {
        let Some(package) = tree.packages.iter().find(|package| package.name == name) else {
            continue;
        };
        if reached.insert(package.folder.as_str()) {
            let built_with = package
                .edges
                .iter()
                .filter(|(_, kind)| *kind != EdgeKind::Dev);
            open.extend(built_with.map(|(to, _)| to.as_str()));
        }
    }
    let seen = UNSEEN.iter().filter(|folder| reached.contains(**folder));
    seen.map(|folder| {
        Fault::of(
            &manifest(blind),
            format!("`{BLIND}` reaches `{folder}`, which judges it"),
        )
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    use EdgeKind::{Build, Dev, Normal};

    fn check(crates: &[(&str, &[(&str, EdgeKind)])], expect: &[&str]) {
        let name = |folder: &str| match folder {
            "cli" => "countersign".to_owned(),
            "xtask" => "xtask".to_owned(),
            _ => format!("countersign-{folder}"),
        };
        let package = |(folder, edges): &(&str, &[(&str, EdgeKind)])| Package {
            folder: (*folder).to_owned(),
            name: name(folder),
            edges: edges.iter().map(|(to, kind)| (name(to), *kind)).collect(),
        };
        let tree = Tree {
            packages: crates.iter().map(package).collect(),
            ..Tree::default()
        };
        let found: Vec<String> = faults(&tree).into_iter().map(|fault| fault.text).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn direct_and_transitive_edges_are_allowed() {
        check(&[("model", &[]), ("attest", &[("model", Normal)])], &[]);
        check(&[("model", &[]), ("verify", &[("model", Normal)])], &[]);
        check(
            &[("cli", &[("reconcile", Normal)]), ("reconcile", &[])],
            &[],
        );
    }

    #[test]
    fn edges_against_the_stream_are_faults() {
        check(
            &[("attest", &[]), ("model", &[("attest", Normal)])],
            &["`model` must not depend on `attest` (dependencies)"],
        );
        check(
            &[
                ("record", &[("tlog", Build), ("detect", Dev)]),
                ("tlog", &[]),
                ("detect", &[]),
            ],
            &["`record` must not depend on `detect` (dev-dependencies)"],
        );
    }

    #[test]
    fn tools_use_anything_and_serve_tests_only() {
        check(
            &[
                ("model", &[("testkit", Dev)]),
                ("testkit", &[("model", Normal)]),
            ],
            &[],
        );
        check(
            &[("model", &[("testkit", Normal)]), ("testkit", &[])],
            &["`model` must not depend on `testkit` (dependencies)"],
        );
        check(
            &[("model", &[("xtask", Dev)]), ("xtask", &[])],
            &["`model` must not depend on `xtask` (dev-dependencies)"],
        );
    }

    #[test]
    fn the_simulation_stays_blind_through_its_tests_too() {
        let crates: &[(&str, &[(&str, EdgeKind)])] = &[
            ("sim", &[("testkit", Dev)]),
            ("testkit", &[("detect", Normal)]),
            ("detect", &[]),
        ];
        check(crates, &["`sim` reaches `detect`, which judges it"]);
        let crates: &[(&str, &[(&str, EdgeKind)])] = &[
            ("sim", &[("model", Normal)]),
            ("model", &[("testkit", Dev)]),
            ("testkit", &[("detect", Normal)]),
            ("detect", &[]),
        ];
        check(crates, &[]);
    }

    #[test]
    fn unknown_crates_and_foreign_paths_are_faults() {
        check(
            &[("lottery", &[])],
            &[
                "the crate `lottery` is not in the table of allowed edges (crates/xtask/src/tidy/crate_edges.rs)",
            ],
        );
        check(
            &[("model", &[("nowhere", Normal)])],
            &["`countersign-nowhere` is a path dependency outside the workspace"],
        );
        let tree = Tree {
            packages: vec![Package {
                folder: "model".to_owned(),
                name: "nouns".to_owned(),
                edges: Vec::new(),
            }],
            ..Tree::default()
        };
        assert_eq!(faults(&tree).len(), 1);
    }

    #[test]
    fn the_table_names_only_crates_that_it_lists_and_has_no_circle() {
        for (folder, to) in ALLOWED {
            assert!(
                to.iter()
                    .all(|to| ALLOWED.iter().any(|(known, _)| known == to)),
                "{folder}"
            );
            assert!(!allowed_from(folder).contains(folder), "{folder}");
        }
        assert!(
            UNSEEN
                .iter()
                .all(|unseen| !allowed_from(BLIND).contains(unseen))
        );
    }
}
