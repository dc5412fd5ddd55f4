//! Work: one operation of the connection, under way.

use std::collections::HashMap;
use std::time::Duration;

use futures::future::BoxFuture;

use super::groups::Members;
use super::task::Step;
use crate::batch::{Batch, Found, Outcomes, WantedGroup};
use crate::destination::Destination;
use crate::error::{Error, Result};
use crate::identity::{Key, RemoteId};

/// An operation that came back.
pub(super) enum Done {
    Found { tasks: Vec<u64>, result: Result<Found> },
    Written { step: Step, tasks: Vec<u64>, batch: Batch, result: Result<Outcomes> },
    Resolved { groups: Vec<WantedGroup>, result: Result<Ids> },
    Changed { members: Members, result: Result<Outcomes> },
}

type Ids = HashMap<String, Result<Option<RemoteId>>>;

pub(super) type Work<'a> = BoxFuture<'a, Done>;

/// Looks up the keys of the tasks, of which some have two: as many calls as that takes.
pub(super) fn find(destination: &Destination, tasks: Vec<u64>, keys: Vec<Key>, size: usize) -> Work<'_> {
    Box::pin(async move {
        let result = find_all(destination, &keys, size).await;
        Done::Found { tasks, result }
    })
}

async fn find_all(destination: &Destination, keys: &[Key], size: usize) -> Result<Found> {
    let mut found = Found::new();
    for keys in keys.chunks(size) {
        found.extend(destination.connection.find(keys).await?);
    }
    Ok(found)
}

pub(super) fn write(destination: &Destination, step: Step, tasks: Vec<u64>, batch: Batch) -> Work<'_> {
    Box::pin(async move {
        let connection = &destination.connection;
        let result = match step {
            Step::Delete => connection.delete(&batch).await,
            Step::Update => connection.update(&batch).await,
            Step::Upsert => connection.upsert(&batch).await,
            Step::Create => connection.create(&batch).await,
            Step::Find => Err(Error::plugin("a look-up is not a write")),
        };
        Done::Written { step, tasks, batch, result }
    })
}

/// A list id is good for a day; one that is gone is noticed when it is used.
const GROUP_MAX_AGE: Duration = Duration::from_secs(24 * 3600);

/// Resolves names through the account's cache, so that runs side by side make one
/// look-up and one create.
pub(super) fn resolve(destination: &Destination, groups: Vec<WantedGroup>) -> Work<'_> {
    Box::pin(async move {
        let result = resolve_through_cache(destination, &groups).await;
        Done::Resolved { groups, result }
    })
}

async fn resolve_through_cache(destination: &Destination, groups: &[WantedGroup]) -> Result<Ids> {
    let kind = format!("group {}", destination.cache_scope);
    let names: Vec<String> = groups.iter().map(|group| group.name.clone()).collect();
    let mut failed: Ids = HashMap::new();
    let kept_apart = &mut failed;
    let load = move |missing: Vec<String>| {
        async move {
            let wanted: Vec<WantedGroup> =
                groups.iter().filter(|group| missing.contains(&group.name)).cloned().collect();
            let answers = destination.connection.resolve_groups(&wanted).await?;
            if answers.len() != wanted.len() {
                return Err(Error::plugin(format!(
                    "{} answered {} group names with {} ids",
                    destination.name(),
                    wanted.len(),
                    answers.len()
                )));
            }
            let mut loaded = HashMap::new();
            for (group, answer) in wanted.into_iter().zip(answers) {
                match answer {
                    Ok(Some(id)) => drop(loaded.insert(group.name, id)),
                    // Neither an absence nor a failure is kept: both may pass.
                    other => drop(kept_apart.insert(group.name, other)),
                }
            }
            Ok(loaded)
        }
    };
    let found = destination
        .context
        .cache
        .get_or_load_many::<RemoteId, _, _>(&kind, &names, GROUP_MAX_AGE, load)
        .await?;
    let found = found.into_iter().map(|(name, id)| (name, Ok(Some((*id).clone()))));
    Ok(found.chain(failed).collect())
}

async fn forget_group(destination: &Destination, name: &str) {
    destination.context.cache.forget(&format!("group {}", destination.cache_scope), name).await;
}

pub(super) fn change(
    destination: &Destination,
    members: Members,
    group: RemoteId,
    records: Vec<RemoteId>,
) -> Work<'_> {
    Box::pin(async move {
        let connection = &destination.connection;
        let result = match members.change {
            super::groups::Change::Add => connection.add_to_group(&group, &records).await,
            super::groups::Change::Remove => connection.remove_from_group(&group, &records).await,
        };
        if matches!(&result, Err(error) if *error.kind() == crate::error::ErrorKind::Gone) {
            forget_group(destination, &members.group).await;
        }
        Done::Changed { members, result }
    })
}
