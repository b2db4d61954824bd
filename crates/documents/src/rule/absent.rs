//! Texts that say nothing: words, and patterns with `*` for whatever stands there.

use crate::limits::ABSENT_LIKE_MAX;
use crate::mapping::{Fields, MappingError};

/// What a cell may hold and say nothing by it, besides being empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Absent {
    words: Vec<Box<str>>,
    like: Vec<Like>,
}

/// Fixed pieces in order, anything between them.
#[derive(Clone, Debug)]
struct Like {
    start: Box<str>,
    middle: Vec<Box<str>>,
    end: Box<str>,
}

impl Absent {
    /// Only the empty cell.
    pub(crate) const NONE: Self = Self {
        words: Vec::new(),
        like: Vec::new(),
    };

    /// Reads `absent` and `absent_like`, of which each may be missing.
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, MappingError> {
        let list = |name| fields.node(name).map(|node| node.list()).transpose();
        let words = list("absent")?.unwrap_or_default().into_iter();
        let patterns = list("absent_like")?.unwrap_or_default();
        if patterns.len() > ABSENT_LIKE_MAX {
            let reason = format!("lists more than {ABSENT_LIKE_MAX} patterns");
            return Err(fields.error_at("absent_like", &reason));
        }
        let like = patterns.into_iter().map(|text| {
            Like::compile(text.trim()).ok_or_else(|| {
                let reason = "needs a `*`, and something beside it";
                fields.error_at("absent_like", reason)
            })
        });
        Ok(Self {
            words: words.map(|word| word.trim().into()).collect(),
            like: like.collect::<Result<_, _>>()?,
        })
    }

    /// Whether a text, without white space around it, says nothing.
    pub(crate) fn has(&self, text: &str) -> bool {
        self.words.iter().any(|word| **word == *text) || self.like.iter().any(|one| one.fits(text))
    }
}

impl Like {
    /// `None` for a pattern without a star, and for one of nothing but stars: that is every text.
    fn compile(pattern: &str) -> Option<Self> {
        let (start, rest) = pattern.split_once('*')?;
        let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        let middle: Vec<Box<str>> = middle
            .split('*')
            .filter(|piece| !piece.is_empty())
            .map(Box::from)
            .collect();
        let is_every_text = start.is_empty() && end.is_empty() && middle.is_empty();
        (!is_every_text).then(|| Self {
            start: start.into(),
            middle,
            end: end.into(),
        })
    }

    fn fits(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(&*self.start) else {
            return false;
        };
        let Some(mut rest) = rest.strip_suffix(&*self.end) else {
            return false;
        };
        // The first place where a piece fits leaves the most for those behind it.
        self.middle.iter().all(|piece| {
            let found = rest.split_once(&**piece);
            found.is_some_and(|(_, after)| {
                rest = after;
                true
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, expect: bool) {
        let like = Like::compile(pattern).expect("a pattern");
        assert_eq!(like.fits(text), expect, "{pattern} and {text}");
    }

    #[test]
    fn what_a_pattern_fits() {
        check("See *", "See DN-304 (ID#:10589)", true);
        check("See *", "Seen", false);
        check("See * (ID#:*)", "See DN-304 (ID#:10589)", true);
        check("See * (ID#:*)", "See DN-304", false);
        check("*pending*", "is pending, ask", true);
        check("a*b*c*d", "a b c d", true);
        check("a*b*c*d", "a c b d", false);
        check("a*a", "a", false);
        check("a*a", "aa", true);
        check("a**z", "az", true);
        check("*ab*ab", "abab", true);
        check("*ab*ab", "ab", false);
    }

    #[test]
    fn what_is_no_pattern() {
        for text in ["", "*", "**", "none"] {
            assert!(Like::compile(text).is_none(), "{text}");
        }
    }
}
