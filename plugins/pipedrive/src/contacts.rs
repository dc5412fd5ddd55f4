//! A person's emails and phones: one of each is ours, the others were added by people and
//! stay.

use outflow_core::Value;

use crate::api::Contact;
use crate::fields::ContactKind;

/// The label of a new entry, unless an option says otherwise.
pub(crate) const DEFAULT_LABEL: &str = "work";

/// A change of our entry in one of a person's lists.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) kind: ContactKind,
    /// What the host last had in the tool; `None` when it does not say.
    pub(crate) old: Option<String>,
    /// What is to be there; `None` takes ours away.
    pub(crate) new: Option<String>,
}

impl Change {
    /// What this value asks for. An empty text is no entry.
    pub(crate) fn new(kind: ContactKind, value: &Value, old: Option<&Value>) -> Self {
        Self { kind, old: old.map(|old| text(old).unwrap_or_default()), new: text(value) }
    }

    /// Whether the host had the same there before, so that nothing is to be done.
    pub(crate) fn is_none(&self) -> bool {
        let new = self.new.as_deref().unwrap_or_default();
        self.old.as_deref().is_some_and(|old| old == new)
    }

    /// Whether the list already has what is to be there, and not what is to go.
    pub(crate) fn is_done(&self, list: &[Contact]) -> bool {
        let is_there = self.new.as_deref().is_some_and(|new| {
            list.iter().any(|entry| match self.kind {
                ContactKind::Email => self.is_same(&entry.value, new),
                ContactKind::Phone => entry.value.trim() == new,
            })
        });
        is_there && self.leaving().is_none_or(|old| self.position(list, old).is_none())
    }

    /// The old value, when it is to go.
    fn leaving(&self) -> Option<&str> {
        let old = self.old.as_deref().filter(|old| !old.is_empty())?;
        let stays = self.new.as_deref().is_some_and(|new| self.is_same(old, new));
        (!stays).then_some(old)
    }

    /// Whether two values are one email or phone, however they are written.
    fn is_same(&self, one: &str, other: &str) -> bool {
        match self.kind {
            ContactKind::Email => one.trim().to_lowercase() == other.trim().to_lowercase(),
            ContactKind::Phone => digits(one) == digits(other),
        }
    }

    /// The whole list of a new record.
    pub(crate) fn first(&self, label: &str) -> Vec<Contact> {
        let entry = self.new.iter().map(|value| entry(value, label));
        entry.collect()
    }

    /// The list with the change made: the new value stands where the old one stood, or
    /// first when it stood nowhere. Everything else stays.
    pub(crate) fn applied(&self, list: &[Contact], label: &str) -> Vec<Contact> {
        let mut list: Vec<Contact> =
            list.iter().filter(|entry| !entry.value.trim().is_empty()).cloned().collect();
        let old_place = self.leaving().and_then(|old| self.position(&list, old));
        match &self.new {
            None => self.take_away(&mut list, old_place),
            Some(new) => match (old_place, self.position(&list, new)) {
                // People had added the new one themselves: the old one goes.
                (Some(old), Some(there)) => {
                    list[there].primary |= list[old].primary;
                    list.remove(old);
                }
                (Some(old), None) => list[old].value.clone_from(new),
                (None, Some(there)) => list[there].value.clone_from(new),
                (None, None) => {
                    for other in &mut list {
                        other.primary = false;
                    }
                    list.insert(0, entry(new, label));
                }
            },
        }
        if !list.is_empty() && !list.iter().any(|entry| entry.primary) {
            list[0].primary = true;
        }
        list
    }

    /// Takes ours away. Who does not say which was ours means the one that people see: the
    /// primary.
    fn take_away(&self, list: &mut Vec<Contact>, old_place: Option<usize>) {
        let primary = || list.iter().position(|entry| entry.primary);
        let place = if self.old.is_none() { primary() } else { old_place };
        if let Some(place) = place {
            list.remove(place);
        }
    }

    fn position(&self, list: &[Contact], value: &str) -> Option<usize> {
        list.iter().position(|entry| self.is_same(&entry.value, value))
    }
}

fn entry(value: &str, label: &str) -> Contact {
    Contact { value: value.to_owned(), primary: true, label: Some(label.to_owned()) }
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        value => value.to_string(),
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A phone number without what people put in between for reading. Without a digit it is
/// compared as it is.
fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if digits.is_empty() { phone.trim().to_owned() } else { digits }
}
