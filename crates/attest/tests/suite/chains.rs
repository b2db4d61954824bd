//! Chains and replays, against permutations and rebuilding.

use countersign_attest::{ChainHead, ChainLink, Chains, Fit};
use countersign_model::entry::{Index, Mark};
use proptest::prelude::*;

use crate::world::{ORIGIN, device, dock, next, origin, parse};

/// Statements of one chain, from its first.
fn chain(len: usize) -> Vec<Vec<u8>> {
    let mut out = vec![dock(ChainLink::first(1), "1")];
    while out.len() < len {
        let link = next(out.last().unwrap());
        out.push(dock(link, &format!("{}", out.len() + 1)));
    }
    out
}

/// Feeds statements; per statement `replay N` or its marks.
fn check(statements: &[&Vec<u8>], expect: &[&str]) {
    let key = device().public().id();
    let mut chains = Chains::default();
    let mut got = Vec::new();
    for (at, bytes) in statements.iter().enumerate() {
        let statement = parse(bytes);
        match chains.judge(&key, &statement) {
            Fit::Replay(index) => got.push(format!("replay {index}")),
            Fit::New(marks) => {
                chains.record(&key, &statement, Index(at as u64));
                let words: Vec<&str> = marks.iter().map(|mark| mark.as_str()).collect();
                got.push(words.join(" "));
            }
        }
    }
    assert_eq!(got, expect);
}

#[test]
fn gaps_and_late_arrivals() {
    let c = chain(5);
    check(&[&c[0], &c[1], &c[1], &c[2]], &["", "", "replay 1", ""]);
    check(&[&c[0], &c[2], &c[1], &c[3]], &["", "chain_gap", "", ""]);
    check(&[&c[4], &c[0]], &["chain_gap", ""]);
    check(
        &[&c[4], &c[2], &c[3], &c[3]],
        &["chain_gap", "chain_gap", "", "replay 2"],
    );
}

#[test]
fn two_contents_for_one_place() {
    let c = chain(3);
    let rival = dock(next(&c[0]), "other");
    check(
        &[&c[0], &c[1], &rival, &rival, &c[1]],
        &["", "", "equivocation", "replay 2", "replay 1"],
    );
    // What follows may follow either.
    let after_rival = dock(next(&rival), "after");
    check(
        &[&c[0], &c[1], &rival, &after_rival],
        &["", "", "equivocation", ""],
    );
    // The successor named another one for the place that this late one takes.
    check(&[&c[0], &c[2], &rival], &["", "chain_gap", "equivocation"]);
    check(
        &[&c[0], &c[2], &rival, &c[1]],
        &["", "chain_gap", "equivocation", "equivocation"],
    );
}

#[test]
fn a_predecessor_that_is_not_ours() {
    let c = chain(2);
    let other = dock(ChainLink::first(1), "other");
    let after_other = dock(next(&other), "after");
    check(&[&c[0], &after_other], &["", "chain_broken"]);
    let epoch = dock(ChainLink::first(2), "1");
    check(&[&c[0], &epoch], &["", ""]);
}

#[test]
fn the_head_is_where_a_signer_goes_on() {
    let c = chain(3);
    let key = device().public().id();
    let mut chains = Chains::default();
    for (at, bytes) in c.iter().enumerate() {
        chains.record(&key, &parse(bytes), Index(at as u64));
    }
    let head = ChainHead {
        counter: 3,
        digest: parse(&c[2]).sig_digest(),
    };
    assert_eq!(chains.head(&key, &[origin(ORIGIN)], 1), Some(head));
    assert_eq!(chains.head(&key, &[origin(ORIGIN)], 2), None);
    assert_eq!(chains.head(&key, &[origin("log.example/b")], 1), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// An honest chain that arrives in any order is never called broken or equivocal, and every
    /// statement is afterwards a replay of the index that it got; so in a state that was rebuilt.
    #[test]
    fn honest_chains_in_any_order(order in Just((0..7_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let key = device().public().id();
        let c = chain(7);
        let mut chains = Chains::default();
        for (index, at) in order.iter().enumerate() {
            let statement = parse(&c[*at]);
            let Fit::New(marks) = chains.judge(&key, &statement) else {
                panic!("nothing came twice");
            };
            prop_assert!(marks.iter().all(|mark| *mark == Mark::ChainGap));
            chains.record(&key, &statement, Index(index as u64));
        }
        let mut rebuilt = Chains::default();
        for (index, at) in order.iter().enumerate() {
            rebuilt.record(&key, &parse(&c[*at]), Index(index as u64));
        }
        for state in [&chains, &rebuilt] {
            for (index, at) in order.iter().enumerate() {
                let fit = state.judge(&key, &parse(&c[*at]));
                prop_assert_eq!(fit, Fit::Replay(Index(index as u64)));
            }
        }
    }
}
