//! What evidence of this kind does not prove, however well it holds (format law 16).

use crate::report::{Caveat, Subject};

const TRUTH: Caveat = Caveat {
    code: "truth",
    words: "that what was said is so: a signature proves who said it",
};
const ABSENCE: Caveat = Caveat {
    code: "absence",
    words: "that nothing was left out: other claims may be in the log, later ones may correct these",
};
const REVOCATION: Caveat = Caveat {
    code: "revocation",
    words: "that a key was not taken back since, or by an act that is not here",
};
const TIME: Caveat = Caveat {
    code: "time",
    words: "when it was logged: recorded times are the node's word; no witness whom you trust bounds \
            them",
};
const TIME_COSIGNED: Caveat = Caveat {
    code: "time_cosigned",
    words: "the exact time: recorded times are the node's word; the cosignatures only show that it is \
            not later",
};
const EXPLANATION: Caveat = Caveat {
    code: "explanation",
    words: "what README.txt and timeline.json say: they are no evidence",
};

const COMPLETENESS: Caveat = Caveat {
    code: "completeness",
    words: "that all that happened was said, or that nothing was logged since this checkpoint",
};
const ONE_HISTORY: Caveat = Caveat {
    code: "one_history",
    words: "that everybody is shown this same log: compare checkpoints with others, or pin a policy of \
            witnesses",
};
const SEALED: Caveat = Caveat {
    code: "sealed",
    words: "that what is encrypted opens to what was signed: that takes the node's sealing key",
};
const KEY_THEFT: Caveat = Caveat {
    code: "key_theft",
    words: "that a key was used by its owner alone, and was not stolen before it was taken back",
};

/// The caveats of a report. `is_cosigned`: a witness whom the reader trusts cosigned every
/// checkpoint.
pub(crate) fn list(subject: Subject, is_cosigned: bool) -> Vec<Caveat> {
    let time = if is_cosigned { TIME_COSIGNED } else { TIME };
    match subject {
        Subject::Receipts => vec![TRUTH, ABSENCE, REVOCATION, time],
        Subject::Pack => vec![TRUTH, ABSENCE, REVOCATION, time, EXPLANATION],
        Subject::Log if is_cosigned => vec![TRUTH, COMPLETENESS, KEY_THEFT, time, SEALED],
        Subject::Log => vec![TRUTH, COMPLETENESS, ONE_HISTORY, KEY_THEFT, time, SEALED],
    }
}
