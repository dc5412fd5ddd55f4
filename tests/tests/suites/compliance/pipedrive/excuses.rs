//! Where Pipedrive's exchanges are rightly otherwise than specified.

use crate::compliance::excuse::{Excuse, Ground, always};
use crate::compliance::heard::Heard;

pub(crate) const EXCUSES: &[Excuse] = &[
    Excuse {
        on: "v1 GET /*Fields",
        disagreement: "answer/data/*/field_type: \"*\" is not one of *",
        when: always,
        ground: Ground::Recorded,
        reason: "numbers and pictures are types of fields that the list of types lacks",
    },
    v1_member("answer/additional_data: pagination is not in the specification"),
    v1_member("answer/data*: autocomplete is not in the specification"),
    v1_member("answer/data*: display_field is not in the specification"),
    v1_member("answer/data*: json_column_flag is not in the specification"),
    v1_member("answer/data*: link is not in the specification"),
    v1_member("answer/data*: picklist_data is not in the specification"),
    v1_member("answer/data*: use_field is not in the specification"),
    Excuse {
        on: "v2 PATCH /persons/{id}",
        disagreement: "request: body/org_id: null is not of type \"integer\"",
        when: always,
        ground: Ground::OnPurpose,
        reason: "a person leaves its organization: there is no other word for none, and answers have null there",
    },
    Excuse {
        on: "v2 GET /persons*",
        disagreement: "answer/data*: labels is not in the specification",
        when: |heard| asks_for(heard, "include_labels"),
        ground: Ground::Documented,
        reason: "the description of `include_labels` promises an array of labels, which the schema lacks",
    },
    Excuse {
        on: "v2 GET /persons*",
        disagreement: "answer/data/*: * is not in the specification",
        when: |heard| asks_for(heard, "include_fields"),
        ground: Ground::Documented,
        reason: "the fields that `include_fields` may ask for are listed there, and not in the schema",
    },
    Excuse {
        on: "v1 GET /users/me",
        disagreement: "answer: error_info is not in the specification",
        when: is_unauthorized,
        ground: Ground::Documented,
        reason: "every refusal of v1 says where to read on",
    },
];

const fn v1_member(disagreement: &'static str) -> Excuse {
    Excuse {
        on: "v1 * /*Fields",
        disagreement,
        when: always,
        ground: Ground::Recorded,
        reason: "answers about the fields of v1 show more than is specified",
    }
}

fn asks_for(heard: &Heard, parameter: &str) -> bool {
    heard.query.iter().any(|(name, _)| name == parameter)
}

fn is_unauthorized(heard: &Heard) -> bool {
    heard.status == Some(401)
}
