//! Dispatch: which work goes out next, and when a batch need not wait to be full.

use std::sync::Arc;

use futures::FutureExt;

use super::groups::Members;
use super::task::{Step, Task};
use super::work::{self, Work};
use super::{Engine, Input};
use crate::batch::{Batch, Row, Write};
use crate::capability::{BatchSize, Capability, GroupSupport};
use crate::identity::Key;
use crate::outcome::Outcomed;
use crate::sync_mode::SyncMode;

impl<'a, F: FnMut(Outcomed) + Send> Engine<'a, F> {
    /// Starts work while there is room for it.
    pub(super) fn dispatch(&mut self) {
        // After a failure a few pieces of work find out whether the tool is back, after the
        // second in a row one at a time: a tool that is down is not stormed, and one failure
        // holds nobody else up.
        let most = match self.failures_in_a_row {
            0 => self.concurrency,
            1 => (self.concurrency / 4).max(2),
            _ => 1,
        };
        if self.rest().is_some() {
            return;
        }
        while self.under_way.len() < most {
            let Some(work) = self.next_work() else { return };
            self.dispatched += 1;
            let number = self.dispatched;
            self.under_way.push(work.map(move |done| (number, done)).boxed());
        }
    }

    /// The next piece of work: what is full, then what nothing more can join.
    fn next_work(&mut self) -> Option<Work<'a>> {
        if let Some((step, tasks)) = self.queues.take_full() {
            return Some(self.start_step(step, tasks));
        }
        if self.awaiting_groups.len() >= self.most_tasks / 4
            && let Some(work) = self.start_resolving()
        {
            return Some(work);
        }
        if let Some(members) = self.groups.take_full() {
            return self.start_change(members);
        }
        // What can be read now may name groups that the same look-up can answer.
        if self.groups.is_full_but_unresolved()
            && !self.is_more_ready
            && let Some(work) = self.start_resolving()
        {
            return Some(work);
        }
        if self.input != Input::Open {
            return self.next_partial();
        }
        // No more fits in, and nothing under way will make room.
        let only_groups =
            self.finding + self.writing == 0 && self.queues.is_empty() && self.awaiting_groups.is_empty();
        if self.tasks.len() >= self.most_tasks && (only_groups || self.under_way.is_empty()) {
            return self.next_partial_when_full();
        }
        None
    }

    fn next_partial(&mut self) -> Option<Work<'a>> {
        let finding = self.finding > 0;
        if !self.awaiting_groups.is_empty()
            && !finding
            && let Some(work) = self.start_resolving()
        {
            return Some(work);
        }
        if let Some((step, tasks)) = self.queues.take_partial(finding) {
            return Some(self.start_step(step, tasks));
        }
        // Whatever is looked up or written now may still add members.
        if finding || self.writing > 0 || !self.awaiting_groups.is_empty() {
            return None;
        }
        if self.groups.is_unresolved() {
            return self.start_resolving();
        }
        let members = self.groups.take_partial()?;
        self.start_change(members)
    }

    fn next_partial_when_full(&mut self) -> Option<Work<'a>> {
        if let Some((step, tasks)) = self.queues.take_partial(false) {
            return Some(self.start_step(step, tasks));
        }
        if self.groups.is_unresolved() {
            return self.start_resolving();
        }
        let members = self.groups.take_fullest()?;
        self.start_change(members)
    }

    fn start_resolving(&mut self) -> Option<Work<'a>> {
        let wanted = self.groups.start_resolving()?;
        Some(work::resolve(self.destination, wanted))
    }

    fn start_step(&mut self, step: Step, tasks: Vec<u64>) -> Work<'a> {
        if step == Step::Find {
            self.finding += 1;
            let keys: Vec<Key> =
                tasks.iter().filter_map(|id| self.tasks.get(id)).flat_map(Task::keys).cloned().collect();
            let size = self.capability.find.map_or(1, BatchSize::get);
            return work::find(self.destination, tasks, keys, size);
        }
        self.writing += 1;
        let mut rows = Vec::with_capacity(tasks.len());
        for id in &tasks {
            if let Some(task) = self.tasks.get_mut(id) {
                rows.push(self.capability.row(step, task));
            }
        }
        let batch = Batch::new(rows, self.schema(), write_of(self.mode));
        work::write(self.destination, step, tasks, batch)
    }

    fn start_change(&mut self, members: Members) -> Option<Work<'a>> {
        // Only groups with an id are taken out of their queue.
        let Some(Ok(Some(group))) = self.groups.answer(&members.group).cloned() else {
            return None;
        };
        let record = |id: &u64| self.tasks.get(id)?.remote_id.clone();
        let records = members.tasks.iter().filter_map(record).collect();
        Some(work::change(self.destination, members, group, records))
    }

    fn schema(&self) -> crate::schema::MappingSchema {
        match &self.planner {
            Some(planner) => planner.schema().clone(),
            None => crate::schema::MappingSchema::new([]),
        }
    }
}

impl Capability {
    /// Whether the task's row says which groups the record is in: their ids must be known
    /// before it goes out.
    pub(super) fn row_carries_groups(&self, step: Step, task: &Task) -> bool {
        let is_write = matches!(step, Step::Create | Step::Update | Step::Upsert);
        self.groups == GroupSupport::InRecord && is_write && task.writes_groups(step)
    }

    /// The task's row for this operation. The values are lent to it.
    fn row(&self, step: Step, task: &mut Task) -> Row {
        let mut values = std::mem::take(&mut task.values);
        if step == Step::Create {
            // There is nothing to clear in a record that is not there.
            values.retain(|(_, value)| !value.is_null());
        }
        let carries_groups = self.row_carries_groups(step, task);
        Row {
            export: Arc::clone(&task.export),
            key: task.key.clone().unwrap_or_else(|| Key::from("")),
            remote_id: if step == Step::Create { None } else { task.remote_id.clone() },
            values,
            groups: carries_groups.then(|| task.new_groups.clone()),
        }
    }
}

fn write_of(mode: SyncMode) -> Write {
    match (mode.create, mode.update) {
        (true, false) => Write::CreateOnly,
        (false, true) => Write::UpdateOnly,
        _ => Write::CreateOrUpdate,
    }
}
