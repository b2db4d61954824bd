//! What a run prints: a table for people, and the same as JSON.

use serde_json::{Value, json};

/// One row: what was measured, and what it is held against.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was done.
    pub(crate) case: String,
    /// Claims a second of the product's processor time, if that is what the row counts.
    pub(crate) per_cpu_second: Option<f64>,
    /// Claims a second on the wall.
    pub(crate) per_second: Option<f64>,
    /// Whatever else was measured, and on what.
    pub(crate) note: String,
    /// What it is held against.
    pub(crate) bar: Option<Bar>,
}

/// A measured value beside the one that is asked.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// Of what, in words.
    pub(crate) of: String,
    /// What was measured.
    pub(crate) measured: f64,
    /// What is asked.
    pub(crate) asked: f64,
    /// Whether less is better.
    pub(crate) at_most: bool,
}

impl Bar {
    /// At least `asked` is asked.
    pub(crate) fn at_least(of: &str, measured: f64, asked: f64) -> Self {
        Self {
            of: of.to_owned(),
            measured,
            asked,
            at_most: false,
        }
    }

    /// At most `asked` is asked.
    pub(crate) fn at_most(of: &str, measured: f64, asked: f64) -> Self {
        Self {
            at_most: true,
            ..Self::at_least(of, measured, asked)
        }
    }

    fn is_reached(&self) -> bool {
        if self.at_most {
            self.measured <= self.asked
        } else {
            self.measured >= self.asked
        }
    }
}

impl Row {
    /// The line of a table in Markdown.
    pub(crate) fn line(&self) -> String {
        let number = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), grouped);
        let bar = self.bar.as_ref().map_or_else(
            || "–".to_owned(),
            |bar| {
                let sign = if bar.at_most { "≤" } else { "≥" };
                let word = if bar.is_reached() {
                    "reached"
                } else {
                    "**not reached**"
                };
                let (measured, asked) = (short(bar.measured), short(bar.asked));
                format!("{measured} {} (asked {sign} {asked}): {word}", bar.of)
            },
        );
        format!(
            "| {} | {} | {} | {} | {bar} |",
            self.case,
            number(self.per_cpu_second),
            number(self.per_second),
            self.note
        )
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        json!({
            "case": self.case,
            "claims_per_cpu_second": self.per_cpu_second,
            "claims_per_second": self.per_second,
            "note": self.note,
            "bar": self.bar.as_ref().map(|bar| json!({
                "of": bar.of,
                "measured": bar.measured,
                "asked": bar.asked,
                "at_most": bar.at_most,
                "reached": bar.is_reached(),
            })),
        })
    }
}

/// The head of the table.
pub(crate) const HEAD: &str =
    "| case | claims a CPU-second | claims a second | measured | bar |\n|---|---|---|---|---|";

/// A number with its thousands apart.
pub(crate) fn grouped(value: f64) -> String {
    let text = format!("{value:.0}");
    let mut out = String::new();
    for (at, digit) in text.chars().enumerate() {
        if at > 0 && (text.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn short(value: f64) -> String {
    if value >= 100.0 {
        grouped(value)
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: f64, expect: &str) {
        assert_eq!(grouped(value), expect);
    }

    #[test]
    fn thousands_stand_apart() {
        check(0.0, "0");
        check(999.4, "999");
        check(1000.0, "1,000");
        check(1_234_567.0, "1,234,567");
    }

    #[test]
    fn a_bar_is_reached_on_its_side() {
        assert!(Bar::at_least("x", 0.8, 0.75).is_reached());
        assert!(!Bar::at_least("x", 0.7, 0.75).is_reached());
        assert!(Bar::at_most("x", 2.0, 3.0).is_reached());
        assert!(!Bar::at_most("x", 3.5, 3.0).is_reached());
    }
}
