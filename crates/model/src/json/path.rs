//! The path of a place in a document, as people write it: `readPoint.id`, `epcList[2]`.

use std::fmt::Write as _;
use std::ops::Range;

use super::Doc;

impl Doc<'_> {
    /// The path of the innermost value that holds all of a range of bytes; empty for the outermost.
    #[must_use]
    pub fn path_to(&self, range: &Range<usize>) -> String {
        let mut path = String::new();
        let mut item = self.root();
        let holds = |span: Range<usize>| span.start <= range.start && range.end <= span.end;
        loop {
            let member = item.members().find(|(_, value)| holds(value.span()));
            let element = item.elements().enumerate();
            let element = element.into_iter().find(|(_, value)| holds(value.span()));
            item = match (member, element) {
                (Some((key, value)), _) => {
                    let dot = if path.is_empty() { "" } else { "." };
                    // Writing to a string cannot fail.
                    let _ = write!(path, "{dot}{key}");
                    value
                }
                (None, Some((at, value))) => {
                    let _ = write!(path, "[{at}]");
                    value
                }
                (None, None) => return path,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        let text = r#"{"a":{"b":[1,{"c":"x"}]},"d":2}"#;
        let doc = Doc::parse(text.as_bytes()).expect("JSON");
        for (what, expect) in [
            (r#""x""#, "a.b[1].c"),
            ("1,", "a.b"),
            ("2}", ""),
            ("2", "d"),
        ] {
            let at = text.rfind(what).expect("is there");
            assert_eq!(doc.path_to(&(at..at + what.len())), expect, "{what}");
        }
    }
}
