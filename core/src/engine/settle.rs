//! Settling: what an answer means for its tasks.

use super::task::{Claim, Step, Task};
use super::work::Done;
use super::{Engine, FAILURES_TO_STOP, FIRST_REST, REFUSALS_TO_STOP};
use crate::batch::{Batch, Found, Outcomes, RowOutcome};
use crate::capability::GroupSupport;
use crate::error::{Error, ErrorKind, Result, Scope};
use crate::identity::RemoteId;
use crate::outcome::{Outcome, Outcomed, SkipReason};

/// Where a task goes next, or how it ends.
type Next = Result<Step, Outcome>;

impl<F: FnMut(Outcomed) + Send> Engine<'_, F> {
    pub(super) fn settle(&mut self, (number, done): (u64, Done)) {
        self.settling = number;
        match done {
            Done::Found { tasks, result } => self.settle_find(tasks, result),
            Done::Written { step, tasks, batch, result } => self.settle_write(step, tasks, batch, result),
            Done::Resolved { groups, result } => self.settle_resolution(&groups, result),
            Done::Changed { members, result } => self.settle_change(members, result),
        }
    }

    /// Starts the tasks whose turn at their keys has come. One that ends at once makes
    /// room for the next.
    pub(super) fn begin_ready(&mut self) {
        while let Some(id) = self.ready.pop_front() {
            if let Some(task) = self.tasks.get_mut(&id) {
                task.is_going = true;
                let next = self.first_step(&self.tasks[&id]);
                self.go(id, next);
            }
        }
    }

    /// The first operation a task needs: none but the write itself wherever the API can
    /// write by key or the remote id is known.
    fn first_step(&self, task: &Task) -> Next {
        if task.export.to_delete {
            return self.require(if task.remote_id.is_some() { Step::Delete } else { Step::Find });
        }
        if let Some(id) = &task.remote_id {
            let only_groups = matches!(self.capability.groups, GroupSupport::Calls { .. })
                && task.export.old_properties == task.export.new_properties;
            let next = self.step_for_known(task)?;
            // Nothing to write in the record itself: on to its groups.
            return if only_groups { Err(Outcome::Updated(id.clone())) } else { Ok(next) };
        }
        if task.export.is_new && !task.looked_again {
            return self.step_for_missing(task);
        }
        // An upsert by the new key would make a second record of one that has the old key.
        if task.old_key.is_none() && self.queues.has(Step::Upsert) {
            return Ok(Step::Upsert);
        }
        self.require(Step::Find)
    }

    fn step_for_known(&self, task: &Task) -> Next {
        if !self.mode.update {
            return Err(Outcome::Skipped(SkipReason::UpdateNotAllowed));
        }
        if self.queues.has(Step::Update) || task.old_key.is_some() {
            return self.require(Step::Update);
        }
        self.require(Step::Upsert)
    }

    fn step_for_missing(&self, task: &Task) -> Next {
        if !self.mode.create {
            return Err(Outcome::Skipped(SkipReason::CreateNotAllowed));
        }
        if self.queues.has(Step::Upsert) {
            return Ok(Step::Upsert);
        }
        let check = self.planner.as_ref().map_or(Ok(()), |planner| planner.check_required(&task.values));
        check.map_err(|error| self.outcome_of(&error))?;
        self.require(Step::Create)
    }

    fn require(&self, step: Step) -> Next {
        if self.queues.has(step) {
            return Ok(step);
        }
        let error = Error::rejected(format!(
            "{} cannot do this: it would take the operation {:?}, which it does not have",
            self.destination.name(),
            step.name()
        ));
        Err(Outcome::of_error(&error.with_code("operation_unsupported")))
    }

    /// Puts a task in the queue of its next operation, or ends it.
    pub(super) fn go(&mut self, id: u64, next: Next) {
        let step = match next {
            Ok(step) => step,
            Err(outcome) => return self.written(id, outcome),
        };
        if self.halted.is_some() {
            return self.finish(id, self.halted_outcome());
        }
        let Some(task) = self.tasks.get(&id) else { return };
        if self.capability.row_carries_groups(step, task) {
            let mut all_answered = true;
            for group in &task.new_groups {
                all_answered &= self.groups.want(group, true);
            }
            if !all_answered {
                self.awaiting_groups.push_back((step, id));
                return;
            }
            if let Some(error) = self.groups.failure(&task.new_groups) {
                return self.finish(id, self.outcome_of(&error));
            }
        }
        self.queues.push(step, id);
    }

    fn settle_find(&mut self, tasks: Vec<u64>, result: Result<Found>) {
        self.finding -= 1;
        let found = match result {
            Ok(found) => found,
            Err(error) => return self.fail(Step::Find, tasks, &error),
        };
        self.failures_in_a_row = 0;
        for id in tasks {
            let Some(task) = self.tasks.get_mut(&id) else {
                continue;
            };
            let next = match pick(task, &found) {
                Err(error) => Err(self.outcome_of(&error)),
                Ok(Some(remote_id)) => {
                    task.remote_id = Some(remote_id.clone());
                    task.found_id = Some(remote_id.clone());
                    task.is_going = false;
                    let going = |id: &u64| self.tasks.get(id).is_some_and(|task| task.is_going);
                    self.claims.line_up_late(id, Claim::RemoteId(remote_id), going);
                    if self.claims.may_go(id, &self.tasks[&id]) {
                        self.ready.push_back(id);
                    }
                    continue;
                }
                Ok(None) if task.export.to_delete => Err(Outcome::Skipped(SkipReason::NothingToDelete)),
                Ok(None) => self.step_for_missing(&self.tasks[&id]),
            };
            self.go(id, next);
        }
    }

    fn settle_write(&mut self, step: Step, tasks: Vec<u64>, batch: Batch, result: Result<Outcomes>) {
        self.writing -= 1;
        // The values come back: a task may have to be sent again.
        for (id, row) in tasks.iter().zip(batch.into_rows()) {
            if let Some(task) = self.tasks.get_mut(id) {
                task.values = row.values;
            }
        }
        let outcomes = match result {
            Ok(outcomes) => outcomes,
            Err(error) if *error.kind() == ErrorKind::Gone && tasks.len() == 1 => {
                Outcomes::all(1, RowOutcome::Gone)
            }
            Err(error) => return self.fail(step, tasks, &error),
        };
        self.failures_in_a_row = 0;
        self.refusals_in_a_row = 0;
        let (outcomes, notes) = outcomes.complete(tasks.len(), step.name());
        for (index, note) in notes {
            if let Some(task) = tasks.get(index).and_then(|id| self.tasks.get_mut(id)) {
                task.notes.push(note);
            }
        }
        for (id, outcome) in tasks.into_iter().zip(outcomes) {
            self.settle_row(step, id, outcome);
        }
    }

    fn settle_row(&mut self, step: Step, id: u64, outcome: RowOutcome) {
        let outcome = match outcome {
            RowOutcome::Created(remote_id) => Outcome::Created(remote_id),
            RowOutcome::Updated(remote_id) => Outcome::Updated(remote_id),
            RowOutcome::Deleted => Outcome::Deleted,
            RowOutcome::Skipped(reason) => Outcome::Skipped(reason),
            RowOutcome::Gone if step == Step::Delete => Outcome::Deleted,
            RowOutcome::Gone => return self.look_again(id),
            RowOutcome::Failed(error) => {
                if error.scope() == Scope::Destination {
                    self.stop(&error);
                }
                self.outcome_of(&error)
            }
        };
        self.written(id, outcome);
    }

    /// The remembered id is gone: forget it and look for the record by its keys, once.
    pub(super) fn look_again(&mut self, id: u64) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.remote_id = None;
        task.written = None;
        if task.key.is_none() {
            let error = Error::rejected("the record is gone, and the profile has no key to look for it by");
            return self.finish(id, Outcome::of_error(&error.with_code("gone")));
        }
        if std::mem::replace(&mut task.looked_again, true) {
            let error =
                Error::new(ErrorKind::Gone, "the record is gone, and looking for it by its key did not help");
            return self.finish(id, Outcome::of_error(&error.with_code("gone")));
        }
        self.ready.push_back(id);
    }

    /// A whole call failed.
    fn fail(&mut self, step: Step, tasks: Vec<u64>, error: &Error) {
        if is_splittable(error) && tasks.len() > 1 {
            self.count_refusal(error);
            if self.halted.is_none() {
                return self.queues.push_halves(step, tasks);
            }
        } else {
            self.count_failure(error);
        }
        let alike = self.halted.is_some() && tasks.len() > 1;
        for id in tasks {
            if alike {
                self.finish(id, self.halted_outcome());
                continue;
            }
            let outcome = match self.outcome_of(error) {
                // A look-up changes nothing, whether or not it was answered.
                Outcome::Unknown(cause) if step == Step::Find => Outcome::Retry { after: None, cause },
                outcome => outcome,
            };
            self.finish(id, outcome);
        }
    }

    /// A tool that fails every call is left alone: what is not sent yet is retried later.
    pub(super) fn count_failure(&mut self, error: &Error) {
        let passing = matches!(
            error.kind(),
            ErrorKind::Unavailable { .. } | ErrorKind::Throttled { .. } | ErrorKind::NoAnswer
        );
        if !passing {
            self.failures_in_a_row = 0;
        } else if self.settling > self.dispatched_at_failure {
            // What was under way when the last failure came may be the same failure.
            self.failures_in_a_row += 1;
            self.dispatched_at_failure = self.dispatched;
            let pause = FIRST_REST * 2u32.pow(self.failures_in_a_row as u32 - 1);
            self.rests_until = self.destination.context.clock.elapsed() + pause;
        }
        if error.scope() == Scope::Destination || self.failures_in_a_row >= FAILURES_TO_STOP {
            self.stop(error);
        }
    }

    /// A refusal that hits batch after batch, half after half, is not about any one record.
    fn count_refusal(&mut self, error: &Error) {
        // What is too large becomes small enough soon.
        if *error.kind() != ErrorKind::TooLarge {
            self.refusals_in_a_row += 1;
        }
        if self.refusals_in_a_row > REFUSALS_TO_STOP * self.concurrency {
            let error = error.clone().context("the tool refuses every batch alike");
            self.stop(&error);
        }
    }

    fn stop(&mut self, error: &Error) {
        if self.stopped.is_none() {
            self.stopped = Some(error.clone());
            tracing::warn!(kind = error.kind().name(), code = error.code(), "the destination is stopped");
            self.send_home(error);
        }
    }

    /// Ends every task that is not under way, and every export that is yet to come.
    pub(super) fn send_home(&mut self, error: &Error) {
        self.halted.get_or_insert_with(|| error.clone());
        let passing = as_passing(error);
        for id in self.groups.drain() {
            self.changed(id, Err(passing.clone()));
        }
        let mut waiting = self.queues.drain();
        waiting.extend(std::mem::take(&mut self.awaiting_groups).into_iter().map(|(_, id)| id));
        for id in waiting {
            self.finish(id, self.halted_outcome());
        }
        self.begin_ready();
    }

    /// The task is over: its outcome is handed out, and the next in line at its keys goes.
    pub(super) fn finish(&mut self, id: u64, outcome: Outcome) {
        let Some(task) = self.tasks.remove(&id) else {
            return;
        };
        let next = self.claims.leave(id, &task);
        self.report(id, task.export.profile_id.clone(), outcome, task.remote_id, task.notes);
        for next in next {
            if self.tasks.get(&next).is_some_and(|task| self.claims.may_go(next, task)) {
                self.ready.push_back(next);
            }
        }
    }
}

/// Of the records found, the one that is the task's: the new key wins over the old.
fn pick(task: &Task, found: &Found) -> Result<Option<RemoteId>> {
    for key in task.keys() {
        match found.get(key)? {
            [] => {}
            [id] => return Ok(Some(id.clone())),
            several => {
                let ids: Vec<&str> = several.iter().map(RemoteId::as_str).collect();
                return Err(Error::rejected(format!(
                    "{} records of the tool have the key {:?}: {}; merge them there, or change the key",
                    ids.len(),
                    key.as_str(),
                    ids.join(", ")
                ))
                .with_code("ambiguous_key"));
            }
        }
    }
    Ok(None)
}

/// A refusal of the whole call says nothing of most of its rows.
pub(super) fn is_splittable(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::TooLarge => true,
        ErrorKind::Rejected => error.scope() == Scope::Call,
        _ => false,
    }
}

/// Whatever stopped the run, nothing is wrong with those it left undone.
pub(super) fn as_passing(error: &Error) -> Error {
    match error.kind() {
        ErrorKind::QuotaExhausted { .. } => error.clone(),
        _ => error.clone().with_kind(ErrorKind::Unavailable { retry_after: error.retry_after() }),
    }
}
