//! Claims: exports that touch the same record go one after the other, in input order.

use std::collections::{HashMap, VecDeque};

use super::task::{Claim, Task};

/// Who may touch which key or record. A task goes when it is first in line at everything
/// it claims; since tasks line up in input order, none can wait for each other in a ring.
#[derive(Debug, Default)]
pub(super) struct Claims(HashMap<Claim, VecDeque<u64>>);

impl Claims {
    /// Lines the task up; says whether it may go at once.
    pub(super) fn line_up(&mut self, sequence: u64, task: &Task) -> bool {
        let mut is_first = true;
        for claim in task.claims() {
            let line = self.0.entry(claim).or_default();
            if line.back() != Some(&sequence) {
                line.push_back(sequence);
            }
            is_first &= line.front() == Some(&sequence);
        }
        is_first
    }

    /// Lines a task up at what it only now turns out to touch. It goes before those who came
    /// later and still wait (one of them may wait for this very task), but after those who
    /// are going already.
    pub(super) fn line_up_late(&mut self, sequence: u64, claim: Claim, is_going: impl Fn(&u64) -> bool) {
        let line = self.0.entry(claim).or_default();
        if line.contains(&sequence) {
            return;
        }
        let waits_behind = |other: &u64| *other > sequence && !is_going(other);
        let place = line.iter().position(waits_behind).unwrap_or(line.len());
        line.insert(place, sequence);
    }

    /// The task is done: says which tasks may be first in line now.
    pub(super) fn leave(&mut self, sequence: u64, task: &Task) -> Vec<u64> {
        let mut next = Vec::new();
        for claim in task.claims() {
            let Some(line) = self.0.get_mut(&claim) else {
                continue;
            };
            if line.front() != Some(&sequence) {
                // A task that a stopped run sends home from the middle of the line: the
                // first in line is under way already.
                line.retain(|waiting| *waiting != sequence);
                continue;
            }
            line.pop_front();
            match line.front() {
                Some(first) if !next.contains(first) => next.push(*first),
                Some(_) => {}
                None => drop(self.0.remove(&claim)),
            }
        }
        next
    }

    /// Whether the task is first in line at everything it claims.
    pub(super) fn may_go(&self, sequence: u64, task: &Task) -> bool {
        task.claims().all(|claim| self.0.get(&claim).and_then(VecDeque::front) == Some(&sequence))
    }
}
