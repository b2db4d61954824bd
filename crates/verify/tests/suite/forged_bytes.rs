//! One byte of the evidence changed, archive and manifest made to fit: never proven.

use countersign_verify::{Verdict, verify_pack};

use crate::world::{World, forged};

/// Changed bytes that are looked at, at the least.
const CHANGED_MIN: usize = 400;
/// Every how-manieth byte of a file is changed.
const STEP: usize = 14;

#[test]
fn a_changed_byte_of_any_evidence_is_never_proven() {
    let world = World::new(8);
    let good = world.small_pack();
    assert_eq!(
        verify_pack(&good, &world.trust()).verdict(),
        Verdict::Proven
    );
    let (mut count, mut disproven) = (0, 0);
    for (name, bytes) in crate::world::files_of(&good) {
        if name == "README.txt" {
            continue;
        }
        let start = name.len() % STEP;
        for at in (start..bytes.len()).step_by(STEP) {
            let bad = forged(&good, |files| files.get(&name)[at] ^= 1 << (at % 8));
            let report = verify_pack(&bad, &world.trust());
            assert_ne!(report.verdict(), Verdict::Proven, "byte {at} of {name}");
            count += 1;
            disproven += usize::from(report.verdict() == Verdict::Disproven);
        }
    }
    assert!(count >= CHANGED_MIN, "{count} changed bytes");
    // The rest changes what is missing: the id of a key, of an envelope.
    assert!(
        disproven * 100 >= count * 98,
        "{disproven} of {count} disproven"
    );
}
