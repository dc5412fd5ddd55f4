//! Who may call: the API token, OAuth, and all others.

use bytes::Bytes;
use http::Method;
use outflow_sandbox::{Fault, FaultAction, Match, Sandbox};
use serde_json::{Value, json};

use super::client::{Answer, Client, HOST};
use super::scenario::scenarios;

scenarios![
    only_those_with_credentials_get_in,
    an_access_token_lives_an_hour,
    what_is_wrong_with_a_refresh_is_told,
    tokens_expire_when_a_script_says_so,
];

const LIST: &str = "/api/v2/persons";

async fn with(client: &Client, headers: &[(&str, &str)]) -> Answer {
    client.call_as(Method::GET, LIST, None, headers).await
}

async fn bearer(client: &Client, token: &str) -> Answer {
    with(client, &[("authorization", &format!("Bearer {token}"))]).await
}

async fn only_those_with_credentials_get_in() -> Client {
    let client = Client::new();
    let account = client.sandbox.account(HOST);
    let token = account["api_token"].as_str().unwrap();
    assert_eq!(account["endpoint"], HOST);
    assert_eq!(with(&client, &[("x-api-token", token)]).await.status, 200);
    let me = client.call_as(Method::GET, "/api/v1/users/me", None, &[("x-api-token", "wrong")]).await;
    assert_eq!(
        me.body,
        json!({
            "success": false, "error": "unauthorized access", "errorCode": 401,
            "error_info": "Please check developers.pipedrive.com",
        })
    );
    for refused in [
        with(&client, &[]).await,
        with(&client, &[("x-api-token", "wrong")]).await,
        bearer(&client, "wrong").await,
        client.call_as(Method::GET, &format!("{LIST}?api_token={token}"), None, &[]).await,
    ] {
        assert_eq!(refused.status, 401);
    }
    let old = format!("/v1/filters?api_token={token}");
    let request = http::Request::get(format!("{HOST}{old}")).body(Bytes::new()).unwrap();
    assert_eq!(client.send(request).await.status, 200, "v1 still takes it in the query");
    client
}

/// Asks for an access token.
async fn refresh(client: &Client, id: &str, secret: &str, form: &str) -> Answer {
    let basic = base64_of(&format!("{id}:{secret}"));
    let request = http::Request::post(format!("{HOST}/oauth/token"))
        .header("authorization", format!("Basic {basic}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(form.to_owned()))
        .unwrap();
    client.send(request).await
}

struct App {
    id: String,
    secret: String,
    refresh_token: String,
}

impl App {
    fn of(client: &Client) -> Self {
        let account = client.sandbox.oauth_account(HOST);
        assert_eq!(account["token_url"], format!("{HOST}/oauth/token"));
        let text = |name: &str| account[name].as_str().unwrap().to_owned();
        Self { id: text("client_id"), secret: text("client_secret"), refresh_token: text("refresh_token") }
    }

    fn form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token")
            .append_pair("refresh_token", &self.refresh_token)
            .finish()
    }

    async fn refresh(&self, client: &Client) -> Answer {
        refresh(client, &self.id, &self.secret, &self.form()).await
    }

    async fn access(&self, client: &Client) -> String {
        let answer = self.refresh(client).await;
        answer.body["access_token"].as_str().unwrap().to_owned()
    }
}

async fn an_access_token_lives_an_hour() -> Client {
    let client = Client::new();
    let app = App::of(&client);
    let granted = app.refresh(&client).await;
    assert_eq!(granted.status, 200);
    assert_eq!(granted.body["expires_in"], 3600);
    assert_eq!(granted.body["refresh_token"], json!(app.refresh_token), "it stays the same");
    assert!(granted.body["api_domain"].as_str().unwrap().ends_with("acme.pipedrive.com"));
    let token = granted.body["access_token"].as_str().unwrap();
    assert_eq!(bearer(&client, token).await.status, 200);
    client.wait(3_599).await;
    assert_eq!(bearer(&client, token).await.status, 200);
    client.wait(1).await;
    assert_eq!(bearer(&client, token).await.status, 401);
    let token = app.access(&client).await;
    assert_eq!(bearer(&client, &token).await.status, 200);
    let log = &client.sandbox.controls().log;
    assert_eq!(log.calls_to("refresh token"), 2);
    assert_eq!(log.operation("refresh token").cost, 0);
    client
}

async fn what_is_wrong_with_a_refresh_is_told() -> Client {
    let client = Client::new();
    let app = App::of(&client);
    let stranger = refresh(&client, "stranger", &app.secret, &app.form()).await;
    assert_eq!((stranger.status, &stranger.body["error"]), (401, &json!("invalid_client")));
    let wrong = refresh(&client, &app.id, &app.secret, "grant_type=refresh_token&refresh_token=wrong").await;
    assert_eq!((wrong.status, &wrong.body["error"]), (400, &json!("invalid_grant")));
    let other = refresh(&client, &app.id, &app.secret, "grant_type=password").await;
    assert_eq!((other.status, &other.body["error"]), (400, &json!("unsupported_grant_type")));
    let token = app.access(&client).await;
    client.sandbox.revoke_refresh_token();
    assert_eq!(bearer(&client, &token).await.status, 401);
    assert_eq!(app.refresh(&client).await.body["error"], "invalid_grant");

    let unused = Client::new();
    let app = App::of(&unused);
    unused.wait(60 * 24 * 60 * 60).await;
    assert_eq!(app.refresh(&unused).await.status, 400, "it dies unused after 60 days");
    client
}

async fn tokens_expire_when_a_script_says_so() -> Client {
    let client = Client::new();
    let app = App::of(&client);
    let token = app.access(&client).await;
    let on = Match::operation("list persons").nth(2);
    client.sandbox.controls().faults.push(Fault::new(on, FaultAction::ExpireToken));
    assert_eq!(bearer(&client, &token).await.status, 200);
    assert_eq!(bearer(&client, &token).await.status, 401);
    let code = FaultAction::ErrorCode {
        code: "feature_capping_custom_fields_limit".to_owned(),
        message: "Couldn't add the field.".to_owned(),
    };
    client.sandbox.controls().faults.push(Fault::new(Match::default(), code));
    let scripted = client.get(LIST).await;
    assert_eq!(scripted.status, 403);
    assert_eq!(scripted.body["data"], Value::Null);
    client
}

pub(super) fn base64_of(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bytes = [chunk[0], *chunk.get(1).unwrap_or(&0), *chunk.get(2).unwrap_or(&0)];
        let bits = u32::from_be_bytes([0, bytes[0], bytes[1], bytes[2]]);
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            let digit = char::from(DIGITS[digit as usize]);
            encoded.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    encoded
}
