//! Settling groups: a record is written, then its memberships follow.

use std::collections::HashMap;

use super::groups::{Answer, Change, Members, named};
use super::settle::{as_passing, is_splittable};
use super::{Engine, REFUSALS_TO_STOP};
use crate::batch::{Outcomes, RowOutcome, WantedGroup};
use crate::capability::GroupSupport;
use crate::error::{Error, ErrorKind, Result};
use crate::outcome::{Outcome, Outcomed, Problem};

impl<F: FnMut(Outcomed) + Send> Engine<'_, F> {
    /// The record has its outcome; its groups may follow.
    pub(super) fn written(&mut self, id: u64, outcome: Outcome) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        let (Outcome::Created(remote_id) | Outcome::Updated(remote_id)) = &outcome else {
            return self.finish(id, outcome);
        };
        if !matches!(self.capability.groups, GroupSupport::Calls { .. }) {
            return self.finish(id, outcome);
        }
        // A record that was just created is in no group, and of one that was found in the
        // place of another nobody has said which it is in.
        let is_created = matches!(outcome, Outcome::Created(_));
        let is_another = is_created || task.looked_again;
        let joins = |group: &&String| is_another || !task.old_groups.contains(*group);
        let add: Vec<String> = task.new_groups.iter().filter(joins).cloned().collect();
        let leaves = |group: &&String| !is_created && !task.new_groups.contains(*group);
        let remove: Vec<String> = task.old_groups.iter().filter(leaves).cloned().collect();
        task.remote_id = Some(remote_id.clone());
        task.group_changes = add.len() + remove.len();
        if task.group_changes == 0 {
            return self.finish(id, outcome);
        }
        task.written = Some(outcome);
        if self.halted.is_some() {
            return self.finish(id, after_write(self.halted_outcome()));
        }
        let removals = remove.into_iter().map(|group| (Change::Remove, group));
        for (change, group) in removals.chain(add.into_iter().map(|group| (Change::Add, group))) {
            self.change_group(id, change, &group);
        }
    }

    fn change_group(&mut self, id: u64, change: Change, group: &str) {
        self.groups.want(group, change == Change::Add);
        match self.groups.answer(group) {
            Some(Ok(Some(_))) | None => self.groups.push(change, group, id),
            Some(Ok(None)) if change == Change::Add => self.groups.push(change, group, id),
            Some(Ok(None)) => self.changed(id, Ok(())),
            Some(Err(error)) => {
                let error = named(group, error);
                self.changed(id, Err(error));
            }
        }
    }

    pub(super) fn settle_resolution(
        &mut self,
        groups: &[WantedGroup],
        result: Result<HashMap<String, Answer>>,
    ) {
        let mut ids = match result {
            Ok(ids) => ids,
            Err(error) => {
                self.count_failure(&error);
                groups.iter().map(|group| (group.name.clone(), Err(error.clone()))).collect()
            }
        };
        for group in groups.iter().filter(|group| group.create) {
            if let Some(answer @ Ok(None)) = ids.get_mut(&group.name) {
                *answer = Err(Error::plugin("the plugin was to create it, and did not"));
            }
        }
        for members in self.groups.resolved(ids) {
            let result = match self.groups.answer(&members.group) {
                Some(Err(error)) => Err(named(&members.group, error)),
                _ => Ok(()),
            };
            for id in members.tasks {
                self.changed(id, result.clone());
            }
        }
        for (step, id) in std::mem::take(&mut self.awaiting_groups) {
            self.go(id, Ok(step));
        }
        // Those who waited are told; whoever comes next asks again.
        self.groups.forget_passing_failures();
    }

    pub(super) fn settle_change(&mut self, members: Members, result: Result<Outcomes>) {
        let outcomes = match result {
            Ok(outcomes) => outcomes,
            Err(error) => return self.fail_change(members, &error),
        };
        self.failures_in_a_row = 0;
        self.groups.accepted(&members.group);
        let (outcomes, _) = outcomes.complete(members.tasks.len(), "group change");
        for (id, outcome) in members.tasks.into_iter().zip(outcomes) {
            match outcome {
                // Deleted or merged between its write and its group: it is written again.
                RowOutcome::Gone if members.change == Change::Add => {
                    self.changed(id, Err(vanished(&members.group)))
                }
                RowOutcome::Failed(error) => self.changed(id, Err(named(&members.group, &error))),
                _ => self.changed(id, Ok(())),
            }
        }
    }

    fn fail_change(&mut self, members: Members, error: &Error) {
        if is_splittable(error) && members.tasks.len() > 1 {
            if self.halted.is_some() {
                // Which of them the refusal is about will not be found out in this run.
                let passing = as_passing(error);
                for id in members.tasks {
                    self.changed(id, Err(named(&members.group, &passing)));
                }
                return;
            }
            let most = REFUSALS_TO_STOP * self.concurrency;
            if self.groups.count_refusal(&members.group) <= most {
                return self.groups.push_halves(members);
            }
            // Not about any one member: the others of this group need not be tried.
            for refused in self.groups.refuse(&members.group, error) {
                self.changed(refused, Err(named(&members.group, error)));
            }
        }
        // The list was deleted in the tool: its id is forgotten and asked for again.
        if *error.kind() == ErrorKind::Gone && self.halted.is_none() && self.groups.forget(&members.group) {
            for id in members.tasks {
                self.change_group(id, members.change, &members.group);
            }
            return;
        }
        self.count_failure(error);
        for id in members.tasks {
            self.changed(id, Err(named(&members.group, error)));
        }
    }

    /// One group change of a task is answered.
    pub(super) fn changed(&mut self, id: u64, result: Result<()>) {
        let Some(task) = self.tasks.get_mut(&id) else {
            return;
        };
        task.group_changes = task.group_changes.saturating_sub(1);
        if let Err(error) = result {
            task.group_failure.get_or_insert(error);
        }
        if task.group_changes > 0 {
            return;
        }
        match (task.group_failure.take(), task.written.take()) {
            (Some(error), _) if *error.kind() == ErrorKind::Gone && !task.looked_again => self.look_again(id),
            (Some(error), _) => self.finish(id, after_write(self.outcome_of(&error))),
            (None, Some(outcome)) => self.finish(id, outcome),
            (None, None) => {}
        }
    }
}

/// What is told of a record that was written and whose groups were not.
fn after_write(outcome: Outcome) -> Outcome {
    let told = |mut problem: Problem| {
        problem.message = format!("the record was written, its groups were not: {}", problem.message);
        problem
    };
    match outcome {
        Outcome::Rejected(problem) => Outcome::Rejected(told(problem)),
        Outcome::Unknown(problem) => Outcome::Unknown(told(problem)),
        Outcome::Retry { after, cause } => Outcome::Retry { after, cause: told(cause) },
        outcome => outcome,
    }
}

fn vanished(group: &str) -> Error {
    named(group, &Error::new(ErrorKind::Gone, "the record was deleted or merged before it could join"))
}
