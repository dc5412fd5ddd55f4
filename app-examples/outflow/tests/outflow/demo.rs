use serde_json::Value as Json;

use crate::program::run;

fn round<'a>(destination: &'a Json, title: &str) -> &'a Json {
    let mut rounds = destination["rounds"].as_array().unwrap().iter();
    rounds.find(|round| round["round"] == title).unwrap()
}

#[test]
fn the_sandboxes_agree_with_what_was_asked_for() {
    let demo = run(&["demo", "--profiles", "240", "--output", "json"]).exits(0).json();
    assert_eq!(demo["agrees"], true);
    let destinations = demo["destinations"].as_array().unwrap();
    let connections: Vec<&Json> = destinations.iter().map(|shown| &shown["connection"]).collect();
    assert_eq!(connections, ["marketo-leads-export", "pipedrive-persons-export"]);
    for destination in destinations {
        let new = round(destination, "all new");
        assert_eq!(new["exports"], 240);
        assert_eq!((&new["rejected"], &new["retry"], &new["unknown"]), (&5.into(), &0.into(), &0.into()));
        let changed = round(destination, "a tenth changed");
        for name in ["created", "updated", "deleted", "unchanged"] {
            assert_ne!(changed[name], 0, "{changed}");
        }
        let unchanged = round(destination, "nothing changed");
        assert_eq!(unchanged["unchanged"], unchanged["exports"]);
        assert_eq!(unchanged["calls"]["total"], 0);
    }
}

#[test]
fn text_is_a_table_for_each_destination() {
    let text = run(&["demo", "--profiles", "60", "--seed", "9"]).exits(0).stdout;
    assert_eq!(text.matches("The sandbox agrees").count(), 2, "{text}");
    for word in ["all new", "nothing changed", "unchanged", "missing_key", "of the tool's time"] {
        assert!(text.contains(word), "{text}");
    }
}
