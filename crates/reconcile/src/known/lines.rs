//! Lines of standing manifests, by unit: lists through one table, twelve bytes a line.

use super::units::LineRef;
use crate::number::LineNo;
use crate::packed::paged::Paged;

/// A line of a list, and the next one of the same unit.
#[derive(Clone, Copy, Debug, Default)]
struct Link {
    line: Option<LineRef>,
    next: Option<LineNo>,
}

/// See the module. A list is known by its first link.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    links: Paged<LineNo, Link>,
    /// The first of those that are free.
    free: Option<LineNo>,
}

impl Lines {
    /// Puts a line before a list; returns the new list.
    pub(crate) fn push(&mut self, list: Option<LineNo>, line: LineRef) -> LineNo {
        let link = Link {
            line: Some(line),
            next: list,
        };
        match self.free {
            Some(free) => {
                let row = self.links.row_mut(free);
                self.free = std::mem::replace(row, link).next;
                free
            }
            None => self.links.push(link),
        }
    }

    /// Takes lines out of a list; returns what is left.
    pub(crate) fn retain(
        &mut self,
        list: Option<LineNo>,
        stays: impl Fn(LineRef) -> bool,
    ) -> Option<LineNo> {
        let kept: Vec<LineRef> = self.of(list).filter(|line| stays(*line)).collect();
        let mut next = list;
        while let Some(number) = next {
            let link = self.links.row_mut(number);
            next = link.next;
            *link = Link {
                line: None,
                next: self.free.replace(number),
            };
        }
        let kept = kept.into_iter().rev();
        kept.fold(None, |list, line| Some(self.push(list, line)))
    }

    /// The lines of a list.
    pub(crate) fn of(&self, list: Option<LineNo>) -> impl Iterator<Item = LineRef> {
        let mut next = list;
        std::iter::from_fn(move || {
            let link = self.links.row(next?);
            next = link.next;
            link.line
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{DocNo, Number as _};

    fn line(manifest: usize, line: u32) -> LineRef {
        LineRef {
            manifest: DocNo::of(manifest),
            line,
        }
    }

    #[test]
    fn lists_share_a_table_and_its_room() {
        let mut lines = Lines::default();
        let (mut one, mut two) = (None, None);
        for at in 0..4 {
            one = Some(lines.push(one, line(at, 1)));
            two = Some(lines.push(two, line(at, 2)));
        }
        one = lines.retain(one, |line| line.manifest != DocNo::of(2));
        let manifests: Vec<usize> = lines.of(one).map(|line| line.manifest.at()).collect();
        assert_eq!(manifests, [3, 1, 0]);
        assert_eq!(lines.of(two).count(), 4);
        one = Some(lines.push(one, line(9, 1)));
        assert_eq!(
            lines.links.len(),
            8,
            "the room of what was taken out is used again"
        );
        assert_eq!(lines.of(one).count(), 4);
        assert_eq!(lines.retain(one, |_| false), None);
        assert_eq!(lines.of(None).count(), 0);
    }
}
