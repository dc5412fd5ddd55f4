//! Where Marketo's exchanges are rightly otherwise than specified.

use crate::compliance::excuse::{Excuse, Ground, always};
use crate::compliance::heard::{Heard, Sent};

use super::is_success;

pub(crate) const EXCUSES: &[Excuse] = &[
    Excuse {
        on: "leads *",
        disagreement: "answer: \"errors\" is a required property",
        when: is_success,
        ground: Ground::Recorded,
        reason: "a good answer of the lead database has no errors, not even an empty list",
    },
    Excuse {
        on: "leads *",
        disagreement: "answer: \"warnings\" is a required property",
        when: is_success,
        ground: Ground::Recorded,
        reason: "a good answer of the lead database has no warnings, not even an empty list",
    },
    Excuse {
        on: "leads *",
        disagreement: "answer: \"result\" is a required property",
        when: is_refused,
        ground: Ground::Documented,
        reason: "a refusal has `requestId`, `success` and `errors`, and no result",
    },
    Excuse {
        on: "leads *",
        disagreement: "answer: \"warnings\" is a required property",
        when: is_refused,
        ground: Ground::Documented,
        reason: "a refusal has `requestId`, `success` and `errors`, and no warnings",
    },
    Excuse {
        on: "leads POST /rest/v1/leads.json",
        disagreement: "request: body/input/*: * is not in the specification",
        when: always,
        ground: Ground::Recorded,
        reason: "a lead has the fields of its instance, and the specification names none of them",
    },
    Excuse {
        on: "leads GET /rest/v1/*",
        disagreement: "answer/result/*: * is not in the specification",
        when: shows_leads,
        ground: Ground::Recorded,
        reason: "a lead has the fields of its instance, and the specification names none of them",
    },
    Excuse {
        on: "leads POST /rest/v1/leads*.json",
        disagreement: "answer/result/*: reasons is not in the specification",
        when: always,
        ground: Ground::Documented,
        reason: "a lead that is skipped has `reasons`, as a list's member has; the specification has one `reason`",
    },
    Excuse {
        on: "leads GET /rest/v1/list*.json",
        disagreement: "answer: moreResult is not in the specification",
        when: always,
        ground: Ground::Documented,
        reason: "any answer of the lead database that goes on says so (Paging Tokens); this one's schema lacks it",
    },
    Excuse {
        on: "leads DELETE /rest/v1/lists/{listId}/leads.json",
        disagreement: "request: the body is missing",
        when: names_leads_in_its_query,
        ground: Ground::Recorded,
        reason: "the ids are in the query, which the specification demands as well: it takes either",
    },
    Excuse {
        on: "assets GET /rest/asset/v1/folder/byName.json",
        disagreement: "answer/result/*/folderType: \"List\" is not one of *",
        when: always,
        ground: Ground::Recorded,
        reason: "folders of static lists have a type of their own, which the list of types lacks",
    },
    Excuse {
        on: "assets GET /rest/asset/v1/folder/byName.json",
        disagreement: "answer/result/*/description: null is not of type \"string\"",
        when: always,
        ground: Ground::Recorded,
        reason: "a folder without a description shows null",
    },
    Excuse {
        on: "assets GET /rest/asset/v1/folder/byName.json",
        disagreement: "answer/result/*/url: null is not of type \"string\"",
        when: always,
        ground: Ground::Recorded,
        reason: "a folder of the lead database has no page of its own",
    },
    Excuse {
        on: "assets * /rest/asset/v1/staticList*",
        disagreement: "answer/result/*: \"description\" is a required property",
        when: always,
        ground: Ground::Recorded,
        reason: "a list without a description leaves it out",
    },
    Excuse {
        on: "assets * /rest/asset/v1/staticList*",
        disagreement: "answer/result/*: \"url\" is a required property",
        when: always,
        ground: Ground::Recorded,
        reason: "a list shows `computedUrl` in its place",
    },
    Excuse {
        on: "identity POST /identity/oauth/token",
        disagreement: "request: query parameter * is missing",
        when: is_form,
        ground: Ground::OnPurpose,
        reason: "the secret is in a form, as OAuth 2 has it (RFC 6749, 4.4.2), and in no URL that others log",
    },
    Excuse {
        on: "identity POST /identity/oauth/token",
        disagreement: "request: there is a form, and the specification has none",
        when: is_form,
        ground: Ground::OnPurpose,
        reason: "the secret is in a form, as OAuth 2 has it (RFC 6749, 4.4.2), and in no URL that others log",
    },
    Excuse {
        on: "identity POST /identity/oauth/token",
        disagreement: "request: the body is \"application/x-www-form-urlencoded\", and not application/json",
        when: is_form,
        ground: Ground::OnPurpose,
        reason: "the secret is in a form, as OAuth 2 has it (RFC 6749, 4.4.2), and in no URL that others log",
    },
];

fn is_refused(heard: &Heard) -> bool {
    !is_success(heard)
}

fn shows_leads(heard: &Heard) -> bool {
    heard.path.ends_with("/leads.json") || heard.path.contains("/lead/")
}

fn names_leads_in_its_query(heard: &Heard) -> bool {
    heard.query.iter().any(|(name, _)| name == "id")
}

fn is_form(heard: &Heard) -> bool {
    matches!(heard.body, Sent::Form(_))
}
