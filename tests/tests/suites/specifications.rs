//! The judge of exchanges: what it finds, and that it can read the official documents.

use outflow_tests::openapi::{Body, Exchange, Headers, Spec};
use outflow_tests::{material_for, say};
use serde_json::{Value, json};

const OPENAPI: &str = r##"{
  "openapi": "3.0.1",
  "servers": [{ "url": "https://api.example.com/v2" }],
  "paths": {
    "/people/{id}": { "get": {
      "x-cost": 7,
      "parameters": [{ "in": "path", "name": "id", "required": true, "schema": { "type": "integer" } }],
      "responses": {
        "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Person" } } } },
        "404": { "description": "no body" }
      }
    } },
    "/people/search": { "get": {
      "parameters": [
        { "in": "query", "name": "term", "required": true, "schema": { "type": "string" } },
        { "in": "query", "name": "limit", "schema": { "type": "integer" } },
        { "in": "query", "name": "fields", "description": "A comma-separated list",
          "schema": { "type": "string", "enum": ["name", "email"] } }
      ],
      "responses": { "200": { "content": { "application/json": { "schema": { "type": "object" } } } } }
    } },
    "/people": { "post": {
      "requestBody": { "required": true, "content": { "application/json": { "schema": {
        "type": "object", "required": ["name"], "properties": {
          "name": { "type": "string" }, "org": { "type": "integer", "nullable": true }
        } } } } },
      "responses": { "200": { "content": { "application/json": { "schema": {
        "$ref": "#/components/schemas/Person" } } } } }
    } }
  },
  "components": { "schemas": { "Person": {
    "type": "object", "required": ["id"], "properties": { "id": { "type": "integer" } }
  } } }
}"##;

const SWAGGER: &str = r##"{
  "swagger": "2.0",
  "basePath": "/",
  "paths": {
    "/rest/v1/leads.json": { "post": {
      "parameters": [
        { "in": "body", "name": "leads", "required": true, "schema": { "$ref": "#/definitions/Leads" } }
      ],
      "responses": { "200": { "schema": { "$ref": "#/definitions/Answer" } } }
    } },
    "/rest/v1/folder/{id}.json": { "post": {
      "parameters": [
        { "in": "path", "name": "id", "required": true, "type": "integer" },
        { "in": "formData", "name": "name", "required": true, "type": "string" },
        { "in": "formData", "name": "ids", "type": "array", "items": { "type": "integer" } }
      ],
      "responses": { "200": { "schema": { "$ref": "#/definitions/Answer" } } }
    } }
  },
  "definitions": {
    "Leads": { "type": "object", "properties": { "input": { "type": "array", "items": { "type": "object" } } } },
    "Answer": { "type": "object", "required": ["success"], "properties": { "success": { "type": "boolean" } } }
  }
}"##;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn owned(pairs: Pairs<'_>) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// What is wrong with a GET that was answered well.
fn wrong_in_get(path: &str, query: Pairs<'_>, answer: &Value) -> Vec<String> {
    let spec = Spec::parse(OPENAPI, &[]).unwrap();
    let query = owned(query);
    let exchange =
        Exchange { method: "GET", path, query: &query, body: Body::None, status: 200, answer: Some(answer) };
    spec.judge(&exchange).disagreements
}

fn wrong_in_post(spec: &Spec, path: &str, body: Body<'_>, status: u16, answer: &Value) -> Vec<String> {
    let exchange = Exchange { method: "POST", path, query: &[], body, status, answer: Some(answer) };
    spec.judge(&exchange).disagreements
}

#[test]
fn words_come_before_placeholders() {
    let person = json!({ "id": 1 });
    assert_eq!(wrong_in_get("/v2/people/7", &[], &person), Vec::<String>::new());
    let found = wrong_in_get("/v2/people/search", &[("term", "a")], &json!({}));
    assert_eq!(found, Vec::<String>::new());
    let wrong = wrong_in_get("/v2/people/seven", &[], &person);
    assert!(wrong[0].starts_with("request: path parameter id: \"seven\""), "{wrong:?}");
}

#[test]
fn parameters_must_be_known_there_and_of_their_type() {
    let wrong = |query| wrong_in_get("/v2/people/search", query, &json!({})).join("; ");
    assert_eq!(wrong(&[]), "request: query parameter term is missing");
    assert_eq!(
        wrong(&[("term", "a"), ("page", "2")]),
        "request: query parameter page is not in the specification"
    );
    assert!(wrong(&[("term", "a"), ("limit", "ten")]).contains("query parameter limit"));
    assert_eq!(wrong(&[("term", "a"), ("limit", "10"), ("fields", "name,email")]), "");
    assert!(wrong(&[("term", "a"), ("fields", "name,phone")]).contains("query parameter fields"));
}

#[test]
fn bodies_are_judged_unless_they_were_refused() {
    let spec = Spec::parse(OPENAPI, &["/api/v2"]).unwrap();
    let person = json!({ "id": 1 });
    let wrong = |body: Body<'_>, status, answer: &Value| {
        wrong_in_post(&spec, "/api/v2/people", body, status, answer).join("; ")
    };
    assert_eq!(wrong(Body::Json(&json!({ "name": "J", "org": null })), 200, &person), "");
    assert_eq!(wrong(Body::None, 200, &person), "request: the body is missing");
    let unknown = json!({ "name": "J", "nick": "x" });
    assert_eq!(wrong(Body::Json(&unknown), 200, &person), "request: body: nick is not in the specification");
    assert_eq!(wrong(Body::Json(&unknown), 400, &json!({})), "");
    assert!(wrong(Body::Json(&json!({ "name": "J" })), 200, &json!({})).starts_with("answer: "));
    assert!(wrong(Body::Json(&json!({ "name": "J" })), 201, &person).contains("status 201"));
}

#[test]
fn a_recorded_status_is_judged_like_the_good_one() {
    let spec = Spec::parse(OPENAPI, &[]).unwrap().also_answers("POST", "/people", 201);
    let body = json!({ "name": "J" });
    let wrong = |answer| wrong_in_post(&spec, "/v2/people", Body::Json(&body), 201, &answer);
    assert_eq!(wrong(json!({ "id": 1 })), Vec::<String>::new());
    assert_eq!(wrong(json!({})).len(), 1);
}

#[test]
fn swagger_has_bodies_and_forms_among_its_parameters() {
    let spec = Spec::parse(SWAGGER, &[]).unwrap();
    let good = json!({ "success": true });
    let wrong = |path: &str, body: Body<'_>| wrong_in_post(&spec, path, body, 200, &good).join("; ");
    let leads = json!({ "input": [{}] });
    assert_eq!(wrong("/rest/v1/leads.json", Body::Json(&leads)), "");
    assert_eq!(wrong("/rest/v1/leads.json", Body::None), "request: the body is missing");
    assert!(wrong("/rest/v1/leads.json", Body::Json(&json!({ "input": {} }))).contains("/input"));
    let form = owned(&[("name", "Lists"), ("ids", "1,2")]);
    assert_eq!(wrong("/rest/v1/folder/5.json", Body::Form(&form)), "");
    let form = owned(&[("ids", "1,x"), ("more", "x")]);
    let found = wrong("/rest/v1/folder/5.json", Body::Form(&form));
    for part in [
        "formData parameter ids: \"x\"",
        "formData parameter more is not",
        "formData parameter name is missing",
    ] {
        assert!(found.contains(part), "{found}");
    }
}

const SECURED: &str = r##"{
  "openapi": "3.0.0",
  "servers": [{ "url": "https://api.example.com/v1" }],
  "security": [{ "key": [] }, { "oauth": ["read"] }],
  "paths": {
    "/people": { "post": {
      "parameters": [{ "in": "header", "name": "X-Trace", "required": true, "schema": {} }],
      "requestBody": { "content": { "application/json": { "schema": {} } } },
      "responses": { "200": { "content": { "application/json": { "schema": {} } } }, "204": {} }
    } },
    "/token": { "post": {
      "servers": [{ "url": "https://auth.example.com" }],
      "security": [{ "client": [] }],
      "requestBody": { "content": { "application/x-www-form-urlencoded": { "schema": {
        "type": "object", "properties": { "grant": { "type": "string", "enum": ["refresh"] } } } } } },
      "responses": { "200": { "content": { "application/json": { "schema": {} } } } }
    } }
  },
  "components": { "securitySchemes": {
    "key": { "type": "apiKey", "in": "header", "name": "X-Key" },
    "oauth": { "type": "oauth2" },
    "client": { "type": "http", "scheme": "basic" }
  } }
}"##;

/// What is wrong with the headers of a POST with a body.
fn wrong_in_headers(path: &str, status: u16, sent: Pairs<'_>, answered: Pairs<'_>) -> String {
    let spec = Spec::parse(SECURED, &[]).unwrap();
    let body = json!({});
    let exchange =
        Exchange { method: "POST", path, query: &[], body: Body::Json(&body), status, answer: None };
    let headers = Headers { sent: &owned(sent), answered: &owned(answered) };
    spec.judge_headers(&exchange, &headers).disagreements.join("; ")
}

#[test]
fn headers_are_judged_apart() {
    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");
    let wrong =
        |status, sent: Pairs<'_>, answered: Pairs<'_>| wrong_in_headers("/v1/people", status, sent, answered);
    let trace = ("x-trace", "1");
    assert_eq!(wrong(200, &[JSON, trace, ("x-key", "k")], &[JSON]), "");
    assert_eq!(wrong(200, &[JSON, trace, ("authorization", "Bearer t")], &[JSON]), "");
    let found = wrong(200, &[("authorization", "Basic t")], &[("content-type", "text/html")]);
    assert_eq!(
        found,
        "request: the body is \"\", and not application/json; \
         request: no credentials are where the specification has them; \
         request: the header x-trace is missing; \
         answer: the body is \"text/html\", and not application/json"
    );
    // An answer whose body is not specified, and one that is not specified at all.
    assert_eq!(wrong(204, &[JSON, trace, ("x-key", "k")], &[]), "");
    assert_eq!(wrong(500, &[JSON, trace, ("x-key", "k")], &[]), "");
}

#[test]
fn an_operation_may_have_a_server_and_credentials_of_its_own() {
    let form = ("content-type", "application/x-www-form-urlencoded");
    let json = ("content-type", "application/json");
    let wrong = |sent: Pairs<'_>| wrong_in_headers("/token", 200, sent, &[json]);
    assert_eq!(wrong(&[form, ("authorization", "Basic Y")]), "");
    assert!(wrong(&[form, ("x-key", "k")]).contains("no credentials"));
    let spec = Spec::parse(SECURED, &["/api/v1"]).unwrap();
    assert!(spec.knows("POST", "/token") && !spec.knows("POST", "/api/v1/token"));
    assert_eq!(spec.operation("POST", "/api/v1/people").as_deref(), Some("POST /people"));
    let wrong = |grant| {
        let form = owned(&[("grant", grant), ("code", "1")]);
        wrong_in_post(&spec, "/token", Body::Form(&form), 200, &json!({})).join("; ")
    };
    assert_eq!(wrong("refresh"), "request: form: code is not in the specification");
    assert!(wrong("password").contains("request: form/grant: "));
}

#[test]
fn either_side_can_be_judged_alone() {
    let spec = Spec::parse(OPENAPI, &["/api"]).unwrap();
    let exchange = Exchange {
        method: "POST",
        path: "/api/people",
        query: &[],
        body: Body::None,
        status: 404,
        answer: None,
    };
    assert!(spec.judge(&exchange).agrees(), "a refused request may be wrong");
    assert_eq!(spec.judge_request(&exchange).disagreements, ["request: the body is missing"]);
    let answered = Exchange { status: 200, ..exchange };
    assert_eq!(spec.judge_answer(&answered).disagreements, ["answer: the body is not JSON"]);
    let members = json!({ "id": 1, "ix": 2 });
    let answered = Exchange { answer: Some(&members), ..answered };
    assert!(spec.judge_answer(&answered).agrees());
    assert_eq!(spec.judge_members(&answered).disagreements, ["answer: ix is not in the specification"]);
}

#[test]
fn what_a_specification_does_not_know_it_is_silent_about() {
    let spec = Spec::parse(OPENAPI, &[]).unwrap();
    let exchange = Exchange {
        method: "GET",
        path: "/v2/people/1",
        query: &[],
        body: Body::None,
        status: 429,
        answer: None,
    };
    let verdict = spec.judge(&exchange);
    assert!(verdict.agrees());
    assert_eq!(verdict.silence, ["status 429 is not in the specification"]);
    let elsewhere = spec.judge(&Exchange { path: "/v2/cats", ..exchange });
    assert_eq!(elsewhere.silence, ["GET /v2/cats is not in it"]);
    let empty = spec.judge(&Exchange { status: 404, ..exchange });
    assert_eq!(empty.silence, ["the body of status 404 is not specified"]);
    assert_eq!(spec.extension("GET", "/v2/people/1", "x-cost"), Some(&json!(7)));
    assert!(Spec::parse("{}", &[]).is_err());
}

#[test]
fn the_official_documents_can_be_read() {
    let Some(folder) = material_for("whether the official specifications can be read") else {
        return;
    };
    for name in [
        "marketo-asset.json",
        "marketo-identity.json",
        "marketo-mapi.json",
        "pipedrive-v1.json",
        "pipedrive-v2.json",
    ] {
        let text = std::fs::read_to_string(folder.join("specs").join(name)).unwrap();
        let unusable = Spec::parse(&text, &[]).unwrap().unusable();
        say(&format!("\n{name}: {} schemas cannot be used", unusable.len()));
        assert_eq!(unusable, Vec::<String>::new());
    }
}
