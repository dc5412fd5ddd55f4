//! Connecting: the test of an account, the fields, and credentials that are wrong.

use serde_json::json;

use super::host::{CONNECTION, URL, marketo, person};
use crate::compliance::host::Minutes;
use crate::compliance::scenario::scenarios;

scenarios![
    an_account_is_tested,
    fields_are_asked_for_anew,
    an_endpoint_may_end_in_rest,
    a_wrong_secret_is_refused,
];

async fn an_account_is_tested() -> Minutes {
    let host = marketo().await;
    let said = host.account.test().await.unwrap();
    assert!(said.contains("49999 of 50000"), "{said}");
    host.minutes()
}

async fn fields_are_asked_for_anew() -> Minutes {
    let host = marketo().await;
    let destination = host.destination(CONNECTION, &json!({}));
    assert!(destination.mapping_schema().await.unwrap().fields().len() > 100);
    destination.refresh_mapping_schema().await.unwrap();
    host.minutes()
}

async fn an_endpoint_may_end_in_rest() -> Minutes {
    let first = marketo().await;
    let mut options = outflow_sandbox::Sandbox::account(&*first.tool, URL);
    options["endpoint"] = json!(format!("{URL}/rest/"));
    options["identity"] = json!(format!("{URL}/identity/"));
    let host = first.beside(&options).await;
    assert_eq!(host.sync(vec![person(0)]).await, ["created"]);
    first.close();
    host.minutes()
}

async fn a_wrong_secret_is_refused() -> Minutes {
    let first = marketo().await;
    let mut options = outflow_sandbox::Sandbox::account(&*first.tool, URL);
    options["client_secret"] = json!("wrong");
    let host = first.beside(&options).await;
    let error = host.account.test().await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_client"));
    first.close();
    host.minutes()
}
