//! Queues: what waits for each operation, until a batch is full.

use std::collections::{BTreeMap, VecDeque};

use super::task::Step;
use crate::capability::Capability;

/// What waits for each operation.
#[derive(Debug)]
pub(super) struct Queues {
    sizes: BTreeMap<Step, usize>,
    waiting: BTreeMap<Step, VecDeque<u64>>,
    /// Parts of batches that were refused as a whole: they go as they are.
    parts: VecDeque<(Step, Vec<u64>)>,
}

impl Queues {
    pub(super) fn new(capability: &Capability) -> Self {
        let sizes = [
            (Step::Find, capability.find),
            (Step::Delete, capability.delete),
            (Step::Update, capability.update),
            (Step::Upsert, capability.upsert),
            (Step::Create, capability.create),
        ];
        let sizes = sizes.into_iter().filter_map(|(step, size)| Some((step, size?.get()))).collect();
        Self { sizes, waiting: BTreeMap::new(), parts: VecDeque::new() }
    }

    /// Whether the connection has this operation.
    pub(super) fn has(&self, step: Step) -> bool {
        self.sizes.contains_key(&step)
    }

    /// The largest batch of any operation.
    pub(super) fn largest(&self) -> usize {
        self.sizes.values().copied().max().unwrap_or(1)
    }

    pub(super) fn push(&mut self, step: Step, task: u64) {
        self.waiting.entry(step).or_default().push_back(task);
    }

    /// Sends a refused batch again in two halves, before anything else: going down to the
    /// single records first shows soonest whether any is accepted.
    pub(super) fn push_halves(&mut self, step: Step, mut tasks: Vec<u64>) {
        let second = tasks.split_off(tasks.len() / 2);
        self.parts.push_front((step, second));
        self.parts.push_front((step, tasks));
    }

    /// A part, or a batch that is full, in the order in which work goes out.
    pub(super) fn take_full(&mut self) -> Option<(Step, Vec<u64>)> {
        if let Some(part) = self.parts.pop_front() {
            return Some(part);
        }
        let full = |step: &Step| self.size_of(*step).is_some_and(|size| self.len(*step) >= size);
        let step = Step::ALL.into_iter().find(full)?;
        self.take(step)
    }

    /// A batch that is not full. While look-ups wait, nothing else can be known to be
    /// the last of its kind.
    pub(super) fn take_partial(&mut self, finding: bool) -> Option<(Step, Vec<u64>)> {
        let step = Step::ALL.into_iter().find(|step| self.len(*step) > 0)?;
        if step != Step::Find && finding { None } else { self.take(step) }
    }

    /// Everything that waits.
    pub(super) fn drain(&mut self) -> Vec<u64> {
        let parts = self.parts.drain(..).flat_map(|(_, tasks)| tasks);
        let mut all: Vec<u64> = parts.collect();
        all.extend(std::mem::take(&mut self.waiting).into_values().flatten());
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty() && self.waiting.values().all(VecDeque::is_empty)
    }

    fn size_of(&self, step: Step) -> Option<usize> {
        self.sizes.get(&step).copied()
    }

    fn len(&self, step: Step) -> usize {
        self.waiting.get(&step).map_or(0, VecDeque::len)
    }

    fn take(&mut self, step: Step) -> Option<(Step, Vec<u64>)> {
        let size = self.size_of(step)?;
        let queue = self.waiting.get_mut(&step)?;
        let count = queue.len().min(size);
        Some((step, queue.drain(..count).collect()))
    }
}
