//! `README.txt`: what a person reads who opens a pack with what is at hand.

use countersign_model::entry::Index;

use crate::manifest::About;

/// The text. Every line of it is a hint, nothing of it is evidence.
pub(crate) fn text(origin: &str, about: &About, made_at: Index) -> String {
    let about = match about {
        About::Unit(key) => format!("the unit {key}"),
        About::Finding(id) => format!("the finding {id}"),
    };
    // A unit's key and an origin are texts from outside: in a terminal they must not do anything.
    let plain = |text: &str| -> String {
        text.chars()
            .map(|letter| if letter.is_control() { '?' } else { letter })
            .collect()
    };
    format!(
        "This is an evidence pack about {about}\nfrom the log {origin}, read up to entry {made_at}.\n{REST}",
        about = plain(&about),
        origin = plain(origin),
    )
}

const REST: &str = "
This text, and timeline.json, are no evidence. They help to find the way.

Do not believe a pack because it looks right. Check it:

    countersign-verify --key LOG_KEY pack.zip

LOG_KEY is the key of the log. Get it from the operator's contract, from a witness of the log or
from somebody you trust, never from the pack or from whoever sent it: a forger packs a key of his
own. Without --key the best answer is `consistent in itself`, which a forger can reach as well.

What is inside:

manifest.json       every file, its SHA-256 and what it is evidence of
genesis.statement   the log's first entry, which names its keys and its administrators
genesis.tlog-proof  that it is the first entry
checkpoint          what the log signed: its size and its root; witnesses may have cosigned
keys/               for each key that signed: the logged act by which it was given to somebody
receipts/           for each claim: that it was signed, that it was logged, the node's verdict
conclusions/        findings: that the node concluded this, not that it is so
bodies/             what the claims say; parts may be withheld, the rest proves without them
envelopes/          the documents that the claims came in, without the claims
blobs/              files by which tables were read

What no pack proves: that a claim is true (a signature proves who said it), that nothing was left
out, that a key was not taken back later, and the exact time: recorded times are the node's word,
and only a witness's cosignature shows that an entry is not younger than that.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_outside_stay_harmless() {
        let about = About::Unit("u\u{1b}[2J\n".to_owned());
        let text = text("log.example", &about, Index(7));
        assert!(text.starts_with("This is an evidence pack about the unit u?[2J?\nfrom the log log.example, read up to entry 7.\n"));
        assert!(text.contains("no evidence"));
        assert!(text.lines().all(|line| line.len() <= 100));
    }
}
