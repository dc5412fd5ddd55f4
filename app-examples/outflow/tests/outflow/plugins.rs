use rstest::rstest;
use serde_json::Value as Json;

use crate::program::run;

fn apps() -> Json {
    run(&["plugins", "--output", "json"]).exits(0).json()["apps"].take()
}

fn option<'a>(options: &'a Json, name: &str) -> &'a Json {
    let mut options = options.as_array().unwrap().iter();
    options.find(|option| option["name"] == name).unwrap()
}

#[rstest]
#[case("marketo", "client_secret", "marketo-leads-export", "lookup_field")]
#[case("pipedrive", "api_token", "pipedrive-persons-export", "group_field")]
#[case("pipedrive", "api_token", "pipedrive-organizations-export", "group_filters")]
fn apps_and_connections_are_listed_with_their_options(
    #[case] app: &str,
    #[case] secret: &str,
    #[case] connection: &str,
    #[case] option_name: &str,
) {
    let apps = apps();
    let app = apps.as_array().unwrap().iter().find(|listed| listed["app"] == app);
    let app = app.unwrap();
    assert_eq!(option(&app["options"], secret)["secret"], true);
    assert_eq!(app["sandbox"], true);
    let mut connections = app["connections"].as_array().unwrap().iter();
    let connection = connections.find(|listed| listed["connection"] == connection).unwrap();
    assert_eq!(connection["direction"], "export");
    let described = option(&connection["options"], option_name);
    assert!(!described["description"].as_str().unwrap().is_empty());
}

#[test]
fn text_names_them_all() {
    let text = run(&["plugins"]).exits(0).stdout;
    for name in ["marketo", "pipedrive", "marketo-leads-export", "client_secret", "secret"] {
        assert!(text.contains(name), "{text}");
    }
}
