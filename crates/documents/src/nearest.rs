//! The names that somebody may have meant.

use crate::limits::{COMPARED_BYTES_MAX, SUGGESTIONS_MAX};

/// The candidates nearest to `name`, best first, at most [`SUGGESTIONS_MAX`]; none that is
/// further away than a third of the name.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Vec<&'a str> {
    let wanted = plain(name);
    if wanted.is_empty() || wanted.len() > COMPARED_BYTES_MAX {
        return Vec::new();
    }
    let far = wanted.len() / 3;
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.len() <= COMPARED_BYTES_MAX)
        .filter_map(|candidate| {
            let other = plain(candidate);
            let distance = distance(&wanted, &other);
            let within = other.len() >= 4 && (wanted.contains(&other) || other.contains(&wanted));
            let rank = if within { distance.min(far) } else { distance };
            (rank <= far).then_some((rank, candidate))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    // Where one name is all but meant, the others only confuse.
    let best = found.first().map_or(0, |(rank, _)| *rank);
    found.retain(|(rank, _)| *rank <= best + usize::from(best > 1));
    found.truncate(SUGGESTIONS_MAX);
    found.into_iter().map(|(_, name)| name).collect()
}

/// `; did you mean "a" or "b"?`, or nothing.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let near: Vec<String> = nearest(name, candidates)
        .iter()
        .map(|near| format!("\"{near}\""))
        .collect();
    if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    }
}

/// Letters and digits in lower case: blanks, dashes and case are the usual differences.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Levenshtein distance in characters, where two neighbours that changed places count once.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, from) in a.chars().enumerate() {
        let mut current = Vec::with_capacity(above.len());
        current.push(row + 1);
        for (at, to) in b.iter().enumerate() {
            let cost = |list: &[usize], at: usize| list.get(at).copied().unwrap_or(usize::MAX / 2);
            let change = cost(&above, at) + usize::from(from != *to);
            let mut best = change
                .min(cost(&above, at + 1) + 1)
                .min(cost(&current, at) + 1);
            let left = at.checked_sub(1).and_then(|left| b.get(left).copied());
            if previous == Some(*to) && left == Some(from) {
                best = best.min(cost(&before, at - 1) + 1);
            }
            current.push(best);
        }
        previous = Some(from);
        before = std::mem::replace(&mut above, current);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["Scanned at", "Zone", "SSCC", "Gross weight", "Step"];

    fn check(name: &str, expect: &[&str]) {
        assert_eq!(nearest(name, NAMES), expect, "{name}");
    }

    #[test]
    fn near_names() {
        check("scanned_at", &["Scanned at"]);
        check("Scannde at", &["Scanned at"]);
        check("weight", &["Gross weight"]);
        check("Zoen", &["Zone"]);
        check("Customer", &[]);
        check("", &[]);
        assert_eq!(
            did_you_mean("ZONE", NAMES),
            "; did you mean \"Zone\"?".to_owned()
        );
    }

    #[test]
    fn distances() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
