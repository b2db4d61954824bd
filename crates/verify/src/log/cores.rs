//! Work spread over the cores, with the answers in the order of the questions.

use crate::limits::SHARE_ITEMS_MIN;

/// Does `work` on each item, on up to `cores` threads; a panic of one is a panic here.
pub(super) fn on_all_cores<I: Sync, O: Send>(
    cores: usize,
    items: &[I],
    work: impl Fn(&I) -> O + Sync,
) -> Vec<O> {
    let share = items.len().div_ceil(cores.max(1)).max(SHARE_ITEMS_MIN);
    if items.len() <= share {
        return items.iter().map(work).collect();
    }
    let work = &work;
    std::thread::scope(|scope| {
        let spawn = |share| scope.spawn(move || one_share(share, work));
        let shares: Vec<_> = items.chunks(share).map(spawn).collect();
        let mut out = Vec::with_capacity(items.len());
        for share in shares {
            let done = share.join();
            out.extend(done.unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        out
    })
}

fn one_share<I, O>(items: &[I], work: impl Fn(&I) -> O) -> Vec<O> {
    items.iter().map(work).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cores: usize, count: u32) {
        let items: Vec<u32> = (0..count).collect();
        let doubled: Vec<u32> = items.iter().map(|n| n * 2).collect();
        assert_eq!(
            on_all_cores(cores, &items, |n| n * 2),
            doubled,
            "{cores} {count}"
        );
    }

    #[test]
    fn answers_stand_in_the_order_of_the_questions() {
        for cores in [0, 1, 2, 7] {
            for count in [0, 1, 31, 32, 33, 1000] {
                check(cores, count);
            }
        }
    }
}
