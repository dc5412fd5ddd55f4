//! Fields as v2 and v1 show them.

use serde_json::{Map, Value, json};

use super::field::{Field, FieldOption, FieldType, Shown};
use super::query::Query;
use super::reply::Issues;
use super::time::{v1_time, v2_time};

/// Parts of a field of v2 that are shown when asked for.
const SECTIONS: [&str; 3] = ["ui_visibility", "important_fields", "required_fields"];

/// Which of them are asked for.
pub(super) fn sections(query: &Query, issues: &mut Issues) -> Vec<&'static str> {
    let mut asked = Vec::new();
    for name in query.list("include_fields") {
        match SECTIONS.into_iter().find(|known| *known == name) {
            Some(known) => asked.push(known),
            None => issues.add("include_fields", format!("'{name}' cannot be included")),
        }
    }
    asked
}

/// Whether v2 shows a field.
pub(super) fn in_v2(field: &Field) -> bool {
    field.shown != Shown::V1
}

/// Whether v1 shows a field.
pub(super) fn in_v1(field: &Field) -> bool {
    field.shown != Shown::V2
}

/// A field as v2 shows it.
pub(super) fn v2_field(field: &Field, sections: &[&str]) -> Value {
    let options = field.options.as_ref().map(|options| options.iter().map(v2_option).collect::<Vec<_>>());
    let mut shown = json!({
        "field_name": field.name,
        "field_code": field.code,
        "field_type": field.kind.name(),
        "options": options,
        "subfields": v2_subfields(field),
        "is_custom_field": field.custom,
        "is_optional_response_field": field.optional,
    });
    for section in sections {
        shown[*section] = match *section {
            "ui_visibility" => json!({
                "add_visible_flag": field.flags.add_visible,
                "details_visible_flag": field.flags.details_visible,
                "show_in_add_deal_dialog": { "show": false, "order": null },
            }),
            "important_fields" => json!({ "enabled": false, "stage_ids": [] }),
            _ => json!({ "enabled": &*field.code == "name" }),
        };
    }
    shown
}

fn v2_option(option: &FieldOption) -> Value {
    json!({
        "id": option.id,
        "label": option.label,
        "color": option.color,
        "add_time": option.add_time.map(v2_time),
        "update_time": option.update_time.map(v2_time),
    })
}

/// What option changes answer with.
pub(super) fn changed_option(option: &FieldOption) -> Value {
    json!({ "id": option.id, "label": option.label })
}

/// The parts of a value of v2, the main part first.
fn v2_subfields(field: &Field) -> Value {
    let parts = field.kind.parts();
    if parts.is_empty() {
        return Value::Null;
    }
    let main = match field.kind {
        FieldType::Monetary => "double",
        FieldType::DateRange => "date",
        FieldType::Time | FieldType::TimeRange => "time",
        _ => "varchar",
    };
    let part = |code: &str, name: &str, kind: &str| {
        json!({
            "field_code": if code == "timezone_id" { "timezone_name" } else { code },
            "field_name": name.replace('$', &field.name),
            "field_type": if code == "timezone_id" { "varchar" } else { kind },
        })
    };
    std::iter::once(part("value", "$", main))
        .chain(parts.iter().map(|(code, name, kind)| part(code, name, kind)))
        .collect()
}

/// A field as v1 shows it, followed by one row for each of its parts.
pub(super) fn v1_rows(field: &Field) -> Vec<Value> {
    let parts = field.kind.parts().iter();
    std::iter::once(v1_field(field))
        .chain(parts.map(|(suffix, name, kind)| v1_part(field, suffix, name, kind)))
        .collect()
}

/// A field as v1 shows it: attributes and their values are those of recordings of 2021.
pub(super) fn v1_field(field: &Field) -> Value {
    let flags = field.flags;
    let shown = json!({
        "id": field.id,
        "key": field.code,
        "name": field.name,
        "order_nr": field.order_nr,
        "field_type": field.kind.name(),
        "json_column_flag": flags.json_column,
        "add_time": v1_time(field.add_time),
        "update_time": v1_time(field.update_time),
        "last_updated_by_user_id": field.made_by,
        "active_flag": true,
        "edit_flag": field.custom,
        "index_visible_flag": flags.index_visible,
        "details_visible_flag": flags.details_visible,
        "add_visible_flag": flags.add_visible,
        "important_flag": false,
        "bulk_edit_allowed": flags.bulk_edit,
        "searchable_flag": flags.searchable,
        "filtering_allowed": flags.filtering,
        "sortable_flag": flags.sortable,
        "mandatory_flag": flags.mandatory,
    });
    let mut shown = match shown {
        Value::Object(shown) => shown,
        _ => Map::new(),
    };
    match &field.options {
        Some(options) => {
            let options: Vec<Value> = options.iter().map(v1_option).collect();
            shown.insert("options".to_owned(), json!(options));
        }
        None => {
            shown.insert("picklist_data".to_owned(), Value::Null);
        }
    }
    for (name, value) in field.links {
        shown.insert((*name).to_owned(), json!(value));
    }
    Value::Object(shown)
}

fn v1_option(option: &FieldOption) -> Value {
    match option.color {
        Some(color) => json!({ "color": color, "label": option.label, "id": option.id }),
        None => json!({ "label": option.label, "id": option.id }),
    }
}

fn v1_part(field: &Field, suffix: &str, name: &str, kind: &str) -> Value {
    json!({
        "id": null,
        "key": format!("{}_{suffix}", field.code),
        "name": name.replace('$', &field.name),
        "field_type": kind,
        "edit_flag": field.custom,
        "active_flag": true,
        "is_subfield": true,
        "json_column_flag": field.flags.json_column,
        "mandatory_flag": !field.custom,
    })
}
