//! The judge of exchanges: what it finds, and that it can read the official documents.

use outflow_tests::openapi::{Body, Exchange, Spec};
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
    let exchange = Exchange {
        method: "GET",
        path,
        query: &query,
        body: Body::None,
        status: 200,
        answer: Some(answer),
    };
    spec.judge(&exchange).disagreements
}

fn wrong_in_post(spec: &Spec, path: &str, body: Body<'_>, status: u16, answer: &Value) -> Vec<String> {
    let exchange = Exchange {
        method: "POST",
        path,
        query: &[],
        body,
        status,
        answer: Some(answer),
    };
    spec.judge(&exchange).disagreements
}

#[test]
fn words_come_before_placeholders() {
    let person = json!({ "id": 1 });
    assert_eq!(wrong_in_get("/v2/people/7", &[], &person), Vec::<String>::new());
    let found = wrong_in_get("/v2/people/search", &[("term", "a")], &json!({}));
    assert_eq!(found, Vec::<String>::new());
    let wrong = wrong_in_get("/v2/people/seven", &[], &person);
    assert!(
        wrong[0].starts_with("request: path parameter id: \"seven\""),
        "{wrong:?}"
    );
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
    assert_eq!(
        wrong(&[("term", "a"), ("limit", "10"), ("fields", "name,email")]),
        ""
    );
    assert!(wrong(&[("term", "a"), ("fields", "name,phone")]).contains("query parameter fields"));
}

#[test]
fn bodies_are_judged_unless_they_were_refused() {
    let spec = Spec::parse(OPENAPI, &["/api/v2"]).unwrap();
    let person = json!({ "id": 1 });
    let wrong = |body: Body<'_>, status, answer: &Value| {
        wrong_in_post(&spec, "/api/v2/people", body, status, answer).join("; ")
    };
    assert_eq!(
        wrong(Body::Json(&json!({ "name": "J", "org": null })), 200, &person),
        ""
    );
    assert_eq!(wrong(Body::None, 200, &person), "request: the body is missing");
    let unknown = json!({ "name": "J", "nick": "x" });
    assert_eq!(
        wrong(Body::Json(&unknown), 200, &person),
        "request: body: nick is not in the specification"
    );
    assert_eq!(wrong(Body::Json(&unknown), 400, &json!({})), "");
    assert!(wrong(Body::Json(&json!({ "name": "J" })), 200, &json!({})).starts_with("answer: "));
    assert!(wrong(Body::Json(&json!({ "name": "J" })), 201, &person).contains("status 201"));
}

#[test]
fn a_recorded_status_is_judged_like_the_good_one() {
    let spec = Spec::parse(OPENAPI, &[])
        .unwrap()
        .also_answers("POST", "/people", 201);
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
    assert_eq!(
        wrong("/rest/v1/leads.json", Body::None),
        "request: the body is missing"
    );
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
    let elsewhere = spec.judge(&Exchange {
        path: "/v2/cats",
        ..exchange
    });
    assert_eq!(elsewhere.silence, ["GET /v2/cats is not in it"]);
    let empty = spec.judge(&Exchange {
        status: 404,
        ..exchange
    });
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
