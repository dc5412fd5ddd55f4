//! Whether a tool holds what was asked for: a model that knows nothing of batches, calls
//! or outcomes, compared with what the sandbox holds.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use outflow_core::Value;
use outflow_sandbox::SandboxRecord;
use serde_json::Value as Json;

use super::mapping::Mapping;
use super::profiles::{Attribute, Profile};

/// The records that there should be: of profiles with one email, the last one's.
pub(super) fn expected(profiles: &[Profile]) -> BTreeMap<&str, &Profile> {
    let kept = profiles.iter().filter(|profile| profile.is_sound() && !profile.is_deleted);
    kept.map(|profile| (profile.email.as_str(), profile)).collect()
}

/// How what a sandbox holds differs from what was asked for, a sentence for each difference.
/// Records that were there before anything was sent are nobody's business.
pub(super) fn differences(
    profiles: &[Profile],
    mapping: &Mapping,
    records: &[SandboxRecord],
    there_before: &HashSet<String>,
) -> Vec<String> {
    let mut by_email: HashMap<String, Vec<&SandboxRecord>> = HashMap::new();
    for record in records.iter().filter(|record| !there_before.contains(&record.id)) {
        by_email.entry(email_of(mapping, record)).or_default().push(record);
    }
    let mut differences = Vec::new();
    for (email, profile) in expected(profiles) {
        match by_email.remove(email).as_deref() {
            None => differences.push(format!("{email} ({}) has no record", profile.id)),
            Some([record]) => compare(email, profile, mapping, record, &mut differences),
            Some(several) => differences.push(format!("{email} has {} records, not one", several.len())),
        }
    }
    let surplus = by_email.into_iter().flat_map(|(email, records)| {
        records.into_iter().map(move |record| format!("record {} ({email:?}) was not asked for", record.id))
    });
    differences.extend(surplus);
    differences
}

fn email_of(mapping: &Mapping, record: &SandboxRecord) -> String {
    let shown = mapping
        .fields
        .iter()
        .find(|field| field.attribute == Attribute::Email)
        .and_then(|field| record.fields.get(field.shown_as));
    shown.and_then(sole).and_then(Json::as_str).unwrap_or_default().to_lowercase()
}

/// A field that can hold several values is shown as a list of them.
fn sole(shown: &Json) -> Option<&Json> {
    match shown {
        Json::Array(values) => match values.as_slice() {
            [value] => Some(value),
            _ => None,
        },
        Json::Null => None,
        value => Some(value),
    }
}

fn compare(
    email: &str,
    profile: &Profile,
    mapping: &Mapping,
    record: &SandboxRecord,
    differences: &mut Vec<String>,
) {
    for field in mapping.fields {
        let wanted = profile.value(field.attribute);
        let shown = record.fields.get(field.shown_as);
        if !is_equal(wanted.as_ref(), shown) {
            let wanted = wanted.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
            let shown = shown.map_or_else(|| "nothing".to_owned(), Json::to_string);
            differences.push(format!("{email}: {} is {shown}, not {wanted}", field.shown_as));
        }
    }
    let wanted: BTreeSet<&str> = profile.groups.iter().copied().collect();
    let shown: BTreeSet<&str> = record.groups.iter().map(String::as_str).collect();
    if wanted != shown {
        differences.push(format!("{email}: it is in {shown:?}, not in {wanted:?}"));
    }
}

fn is_equal(wanted: Option<&Value>, shown: Option<&Json>) -> bool {
    let shown = shown.filter(|shown| !is_nothing(shown));
    match (wanted, shown) {
        (None, None) => true,
        (Some(wanted), Some(shown)) => match (wanted, sole(shown)) {
            // Tools give whole numbers back as 7 or 7.0.
            (Value::Integer(wanted), Some(Json::Number(shown))) => shown.as_f64() == Some(*wanted as f64),
            (wanted, Some(Json::String(shown))) => wanted.as_str() == Some(shown),
            _ => false,
        },
        _ => false,
    }
}

fn is_nothing(shown: &Json) -> bool {
    match shown {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(values) => values.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::json;

    use super::*;
    use crate::commands::demo::mapping::MAPPINGS;
    use crate::commands::demo::profiles::generate;

    const PIPEDRIVE: &Mapping = &MAPPINGS[1];

    /// What a sandbox shows when it holds exactly this.
    fn record(id: usize, profile: &Profile) -> SandboxRecord {
        let fields = PIPEDRIVE.fields.iter().filter_map(|field| {
            let value = json!(profile.value(field.attribute)?);
            let is_list = matches!(field.shown_as, "emails" | "phones");
            let shown = if is_list { json!([value]) } else { value };
            Some((field.shown_as.to_owned(), shown))
        });
        SandboxRecord {
            id: id.to_string(),
            fields: fields.collect(),
            groups: profile.groups.iter().map(|group| (*group).to_owned()).collect(),
        }
    }

    fn records(profiles: &[Profile]) -> Vec<SandboxRecord> {
        let expected = expected(profiles);
        let records = expected.values().enumerate();
        records.map(|(id, profile)| record(id, profile)).collect()
    }

    fn compared(profiles: &[Profile], records: &[SandboxRecord]) -> Vec<String> {
        differences(profiles, PIPEDRIVE, records, &HashSet::new())
    }

    #[test]
    fn a_tool_that_holds_what_was_asked_for_agrees() {
        let profiles = generate(500, 1);
        let mut records = records(&profiles);
        assert!(records.len() < 500);
        assert_eq!(compared(&profiles, &records), Vec::<String>::new());

        records.push(SandboxRecord { id: "old".to_owned(), ..SandboxRecord::default() });
        assert_eq!(compared(&profiles, &records), ["record old (\"\") was not asked for"]);
        let before = HashSet::from(["old".to_owned()]);
        assert!(differences(&profiles, PIPEDRIVE, &records, &before).is_empty());
    }

    #[test]
    fn every_difference_is_seen() {
        let profiles = generate(3, 1);
        let good = records(&profiles);
        let email = profiles.iter().map(|profile| profile.email.as_str()).min().unwrap_or_default();

        let missing = &good[1..];
        assert!(compared(&profiles, missing)[0].ends_with("has no record"));

        let mut doubled = good.clone();
        doubled.push(good[0].clone());
        assert_eq!(compared(&profiles, &doubled), [format!("{email} has 2 records, not one")]);

        let mut other = good.clone();
        other[0].fields.insert("numerical_field".to_owned(), json!(1_000));
        other[0].groups.insert("Strangers".to_owned());
        let found = compared(&profiles, &other);
        assert!(found[0].starts_with(&format!("{email}: numerical_field is 1000, not ")), "{found:?}");
        assert!(found[1].starts_with(&format!("{email}: it is in ")), "{found:?}");

        let mut second_email = good;
        second_email[0].fields.insert("emails".to_owned(), json!([email, "old@example.com"]));
        assert_eq!(compared(&profiles, &second_email).len(), 2);
    }
}
