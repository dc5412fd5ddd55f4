//! Connecting: with a token and through OAuth, the test of an account, and the fields.

use std::time::Duration;

use outflow_pipedrive::sandbox::{Entity, FieldType};
use outflow_sandbox::{FaultAction, Sandbox};
use serde_json::json;

use super::host::{ORGANIZATIONS, PERSONS, URL, person, pipedrive, through_oauth};
use crate::compliance::host::Minutes;
use crate::compliance::scenario::scenarios;

scenarios![
    an_account_is_tested,
    a_wrong_token_is_refused,
    fields_are_asked_for_anew_page_by_page,
    oauth_asks_for_a_token_first,
    a_token_that_ends_is_asked_for_again,
    an_app_that_is_withdrawn_is_refused,
    another_client_is_refused,
];

async fn an_account_is_tested() -> Minutes {
    let host = pipedrive().await;
    let said = host.account.test().await.unwrap();
    assert!(said.starts_with("connected as "), "{said}");
    host.minutes()
}

async fn a_wrong_token_is_refused() -> Minutes {
    let first = pipedrive().await;
    let mut options = first.tool.account(URL);
    options["api_token"] = json!("wrong");
    let host = first.beside(&options).await;
    assert!(host.account.test().await.is_err());
    assert_eq!(host.persons(vec![person(1)]).await, ["retry 401"]);
    first.close();
    host.minutes()
}

async fn fields_are_asked_for_anew_page_by_page() -> Minutes {
    let host = pipedrive().await;
    for number in 0..500 {
        let name = format!("Field {number}");
        host.tool.add_field(Entity::Person, &name, FieldType::Varchar, &[]);
    }
    for connection in [PERSONS, ORGANIZATIONS] {
        let destination = host.destination(connection, &json!({}));
        destination.mapping_schema().await.unwrap();
        destination.refresh_mapping_schema().await.unwrap();
    }
    host.minutes()
}

async fn oauth_asks_for_a_token_first() -> Minutes {
    let host = through_oauth().await;
    host.account.test().await.unwrap();
    assert_eq!(host.persons(vec![person(1).group("VIP")]).await, ["created"]);
    host.minutes()
}

async fn a_token_that_ends_is_asked_for_again() -> Minutes {
    let host = through_oauth().await;
    assert_eq!(host.persons(vec![person(1)]).await, ["created"]);
    host.tool.expire_access_tokens();
    assert_eq!(host.persons(vec![person(2)]).await, ["created"]);
    host.fault("create person", FaultAction::ExpireToken);
    assert_eq!(host.persons(vec![person(3)]).await, ["created"]);
    host.controls().clock.sleep(Duration::from_secs(3_600)).await;
    assert_eq!(host.persons(vec![person(4)]).await, ["created"]);
    host.minutes()
}

async fn an_app_that_is_withdrawn_is_refused() -> Minutes {
    let host = through_oauth().await;
    host.tool.revoke_refresh_token();
    assert_eq!(host.persons(vec![person(1)]).await, ["retry 400"], "invalid_grant");
    host.minutes()
}

async fn another_client_is_refused() -> Minutes {
    let first = pipedrive().await;
    let mut options = first.tool.oauth_account(URL);
    options["client_secret"] = json!("wrong");
    let host = first.beside(&options).await;
    assert!(host.account.test().await.is_err());
    first.close();
    host.minutes()
}
