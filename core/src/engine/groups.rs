//! Groups: names waiting for their ids, and memberships waiting for a full call.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use crate::batch::WantedGroup;
use crate::error::{Error, ErrorKind};
use crate::identity::RemoteId;

/// A change of membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Change {
    /// Removals go before additions.
    Remove,
    Add,
}

/// Members whose change of one group goes in one call.
#[derive(Clone, Debug)]
pub(super) struct Members {
    pub(super) change: Change,
    pub(super) group: String,
    pub(super) tasks: Vec<u64>,
}

/// The id of a group (`None`: it is not there, and nobody is to join it), or why it cannot
/// be had.
pub(super) type Answer = Result<Option<RemoteId>, Error>;

/// The error of a group, naming it.
pub(super) fn named(group: &str, error: &Error) -> Error {
    error.clone().context(format_args!("group {group:?}")).with_field(group)
}

/// The groups of a run.
#[derive(Debug)]
pub(super) struct Groups {
    add_size: usize,
    remove_size: usize,
    waiting: BTreeMap<(Change, String), Vec<u64>>,
    parts: VecDeque<Members>,
    ids: HashMap<String, Answer>,
    /// Names without an answer yet; `true`: somebody is to join the group.
    unresolved: BTreeMap<String, bool>,
    /// Names read from the input that nobody needed so far: they ride along in the next
    /// look-up, so that groups met late in the input cost none of their own.
    mentioned: BTreeSet<String>,
    resolving: bool,
    /// Groups whose id was gone once in this run.
    gone: HashSet<String>,
    /// Calls refused as a whole since one was accepted, by group.
    refusals: HashMap<String, usize>,
}

impl Groups {
    pub(super) fn new(add_size: usize, remove_size: usize) -> Self {
        Self {
            add_size,
            remove_size,
            waiting: BTreeMap::new(),
            parts: VecDeque::new(),
            ids: HashMap::new(),
            unresolved: BTreeMap::new(),
            mentioned: BTreeSet::new(),
            resolving: false,
            gone: HashSet::new(),
            refusals: HashMap::new(),
        }
    }

    /// An export names the group: its id may be needed later.
    pub(super) fn mention(&mut self, name: &str) {
        if !self.ids.contains_key(name) && !self.mentioned.contains(name) {
            self.mentioned.insert(name.to_owned());
        }
    }

    /// Remembers that a group's id will be needed; says whether there is an answer already.
    pub(super) fn want(&mut self, name: &str, create: bool) -> bool {
        let answered = match self.ids.get(name) {
            // Somebody left a group that is not there; now somebody joins it.
            Some(Ok(None)) => !create,
            Some(_) => true,
            None => false,
        };
        if !answered {
            *self.unresolved.entry(name.to_owned()).or_default() |= create;
        }
        answered
    }

    /// The names to resolve now, unless a resolution is under way already.
    pub(super) fn start_resolving(&mut self) -> Option<Vec<WantedGroup>> {
        if self.resolving || self.unresolved.is_empty() {
            return None;
        }
        self.resolving = true;
        let mut unresolved = std::mem::take(&mut self.unresolved);
        for name in std::mem::take(&mut self.mentioned) {
            if !self.ids.contains_key(&name) {
                unresolved.entry(name).or_default();
            }
        }
        Some(unresolved.into_iter().map(|(name, create)| WantedGroup { name, create }).collect())
    }

    /// Takes the answers in; gives back the members whose group cannot be had, or is not
    /// there to be left.
    pub(super) fn resolved(&mut self, ids: HashMap<String, Answer>) -> Vec<Members> {
        self.resolving = false;
        self.ids.extend(ids);
        // A name that was asked for again meanwhile (to join what was only to be left) waits on.
        let is_final = |name: &String| !self.has_id(name) && !self.unresolved.contains_key(name);
        let keys: Vec<_> = self.waiting.keys().filter(|(_, name)| is_final(name)).cloned().collect();
        let taken = keys.into_iter().filter_map(|(change, group)| {
            let tasks = self.waiting.remove(&(change, group.clone()))?;
            Some(Members { change, group, tasks })
        });
        taken.collect()
    }

    /// The group's id turned out to be gone: it is asked for again, but once a run.
    pub(super) fn forget(&mut self, name: &str) -> bool {
        self.ids.remove(name).is_some() && self.gone.insert(name.to_owned())
    }

    /// The answer to a group's name, when there is one.
    pub(super) fn answer(&self, name: &str) -> Option<&Answer> {
        self.ids.get(name)
    }

    /// The first of these groups that cannot be had.
    pub(super) fn failure(&self, names: &BTreeSet<String>) -> Option<Error> {
        names.iter().find_map(|name| Some(named(name, self.ids.get(name)?.as_ref().err()?)))
    }

    /// A failure that passes is no answer for those who come later.
    pub(super) fn forget_passing_failures(&mut self) {
        self.ids.retain(|_, answer| match answer {
            Ok(_) => true,
            Err(error) => matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Plugin),
        });
    }

    /// Counts a call for this group that was refused as a whole.
    pub(super) fn count_refusal(&mut self, group: &str) -> usize {
        let refusals = self.refusals.entry(group.to_owned()).or_default();
        *refusals += 1;
        *refusals
    }

    /// A call for this group was accepted.
    pub(super) fn accepted(&mut self, group: &str) {
        self.refusals.remove(group);
    }

    /// Gives the group up: whoever waits for it, and whoever is to come, gets the error.
    pub(super) fn refuse(&mut self, group: &str, error: &Error) -> Vec<u64> {
        self.ids.insert(group.to_owned(), Err(error.clone()));
        let is_refused = |part: &Members| part.group == group;
        let (refused, others): (VecDeque<_>, _) =
            std::mem::take(&mut self.parts).into_iter().partition(is_refused);
        self.parts = others;
        let mut tasks: Vec<u64> = refused.into_iter().flat_map(|part| part.tasks).collect();
        for change in [Change::Remove, Change::Add] {
            tasks.extend(self.waiting.remove(&(change, group.to_owned())).unwrap_or_default());
        }
        tasks
    }

    pub(super) fn push(&mut self, change: Change, group: &str, task: u64) {
        self.waiting.entry((change, group.to_owned())).or_default().push(task);
    }

    /// Sends a refused call again in two halves.
    pub(super) fn push_halves(&mut self, mut members: Members) {
        let tasks = members.tasks.split_off(members.tasks.len() / 2);
        let second = Members { tasks, ..members.clone() };
        self.parts.push_front(second);
        self.parts.push_front(members);
    }

    /// Members that fill a call, of a group whose id is known.
    pub(super) fn take_full(&mut self) -> Option<Members> {
        if let Some(part) = self.parts.pop_front() {
            return Some(part);
        }
        let key = self.full().find(|(_, group)| self.has_id(group))?.clone();
        self.take(key)
    }

    /// Whether members that would fill a call wait for their group's id.
    pub(super) fn is_full_but_unresolved(&self) -> bool {
        self.full().any(|(_, group)| !self.has_id(group))
    }

    /// Whether anything waits for its group's id.
    pub(super) fn is_unresolved(&self) -> bool {
        self.resolving || !self.unresolved.is_empty()
    }

    /// Members that do not fill a call: removals before additions.
    pub(super) fn take_partial(&mut self) -> Option<Members> {
        let key = self.waiting.keys().find(|(_, group)| self.has_id(group))?.clone();
        self.take(key)
    }

    /// The most members that wait for one call.
    pub(super) fn take_fullest(&mut self) -> Option<Members> {
        let with_id = self.waiting.iter().filter(|((_, group), _)| self.has_id(group));
        let key = with_id.max_by_key(|(_, tasks)| tasks.len())?.0.clone();
        self.take(key)
    }

    /// Everything that waits: a task for each of its changes.
    pub(super) fn drain(&mut self) -> Vec<u64> {
        let mut all: Vec<u64> = self.parts.drain(..).flat_map(|members| members.tasks).collect();
        all.extend(std::mem::take(&mut self.waiting).into_values().flatten());
        all
    }

    fn has_id(&self, group: &str) -> bool {
        matches!(self.ids.get(group), Some(Ok(Some(_))))
    }

    fn full(&self) -> impl Iterator<Item = &(Change, String)> {
        let full =
            |((change, _), tasks): &(&(Change, String), &Vec<u64>)| tasks.len() >= self.size_of(*change);
        self.waiting.iter().filter(full).map(|(key, _)| key)
    }

    fn size_of(&self, change: Change) -> usize {
        match change {
            Change::Add => self.add_size,
            Change::Remove => self.remove_size,
        }
    }

    fn take(&mut self, key: (Change, String)) -> Option<Members> {
        let size = self.size_of(key.0);
        let waiting = self.waiting.get_mut(&key)?;
        let tasks: Vec<u64> = waiting.drain(..waiting.len().min(size)).collect();
        if waiting.is_empty() {
            self.waiting.remove(&key);
        }
        Some(Members { change: key.0, group: key.1, tasks })
    }
}
