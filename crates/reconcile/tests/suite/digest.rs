//! The state digest is frozen for fold version 3: it may change only with the version.

use super::story::Story;
use countersign_model::fold::Fold;
use countersign_reconcile::Ledger;

#[test]
fn a_small_world_has_this_digest() {
    assert_eq!(Ledger::VERSION, 3);
    let (ledger, _) = Story::read(
        "06:00 wms manifest m1 A>H 10:00 12:00 u1=20 u2 5*c1\n07:00 a-zone storing A/z1 u1 u2 u3\n\
         06:00 wms count k1 A/z1 14:00 15:00\n09:00 a-dock departing A/dock u1 4*c1 #m1\n\
         09:30 wms alias u3 u4\n09:40 a-dock inspecting A/dock u1 w=10\n14:10 a-zone cycle_counting A/z1 u9 #k1\n\
         06:00 wms expect p1/1/dlv leg u7 08:00\n15:30 adjust c1 A/z1 -1\n16:00 write_off u3\ntick 17:00",
    )
    .run();
    assert_eq!(
        ledger.state_digest().to_string(),
        "fe8ebec2e2412eee06803b98a71b00a22f882fd851b242a15815ec665b6abfda"
    );
}
