//! The registry: what is linked, and what to do when something is not.

use outflow_core::http::Http;
use outflow_core::{
    AccountContext, App, BatchExport, Capability, ErrorKind, Limits, MappingSchema, Plugin, Registry, Result,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::crm;

/// An App and a connection of these names.
macro_rules! plugin {
    ($app:ident $app_name:literal, $($connection:ident $name:literal),+) => {
        #[derive(Deserialize, JsonSchema)]
        struct $app {}

        impl App for $app {
            const NAME: &'static str = $app_name;
            const TITLE: &'static str = "Some tool";
            type Client = Http;
            fn account(&self) -> String {
                String::new()
            }
            fn limits(&self) -> Limits {
                Limits::none()
            }
            async fn connect(&self, context: AccountContext) -> Result<Http> {
                Ok(context.http)
            }
            async fn test(_: &Http) -> Result<String> {
                Ok(String::new())
            }
        }

        $(
            #[derive(Deserialize, JsonSchema)]
            struct $connection {}

            impl BatchExport for $connection {
                const NAME: &'static str = $name;
                const TITLE: &'static str = "Some connection";
                type App = $app;
                fn capability(&self) -> Capability {
                    Capability::of_key("email")
                }
                async fn mapping_schema(&self, _: &Http) -> Result<MappingSchema> {
                    Ok(MappingSchema::new([]))
                }
            }
        )+
    };
}

plugin!(Impostor "impostor", ImpostorPeople "crm-people-export");
plugin!(OtherCrm "crm", OtherDeals "crm-deals-export");
plugin!(Shop "shop", ShopOrders "a-shop-orders-export", ShopPeople "z-shop-people-export");

fn names(registry: &Registry) -> Vec<&str> {
    registry.plugins().map(Plugin::connection).collect()
}

#[test]
fn a_registered_plugin_is_linked() {
    let linked = Registry::linked().unwrap();
    assert_eq!(names(&linked), ["crm-people-export"]);
    let plugin = linked.connection("crm-people-export").unwrap();
    assert_eq!(plugin.connection_title(), "People");
    assert_eq!((plugin.app(), plugin.app_title()), ("crm", "Example CRM"));
    assert_eq!(linked.app("crm").unwrap().connection(), "crm-people-export");
}

#[test]
fn its_options_can_be_read() {
    let plugin = crm::PLUGINS[0];
    let options = plugin.app_options();
    let described: Vec<_> = options.iter().map(|option| (option.name.as_str(), option.secret)).collect();
    assert_eq!(described, [("endpoint", false), ("token", true)]);
    assert!(plugin.connection_options().is_empty());
    assert_eq!(format!("{plugin:?}"), r#"Plugin("crm-people-export")"#);
}

#[test]
fn the_same_plugin_twice_is_one() {
    let mut registry = Registry::linked().unwrap();
    registry.add(crm::PLUGINS[0]).unwrap();
    registry.add(Plugin::of::<crm::People>()).unwrap();
    assert_eq!(names(&registry), ["crm-people-export"]);
    Registry::of(crm::PLUGINS.iter().chain(crm::PLUGINS)).unwrap();
}

#[test]
fn two_plugins_of_one_name_are_refused_and_the_first_stays() {
    let mut registry = Registry::linked().unwrap();
    let error = registry.add(Plugin::of::<ImpostorPeople>()).unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(
        error.message(),
        r#"two plugins have a connection named "crm-people-export"; unlink one of them"#
    );
    assert_eq!(registry.connection("crm-people-export").unwrap().app(), "crm");
}

#[test]
fn two_apps_of_one_name_are_refused() {
    let mut registry = Registry::linked().unwrap();
    let error = registry.add(Plugin::of::<OtherDeals>()).unwrap_err();
    assert_eq!(error.message(), r#"two plugins have an app named "crm"; unlink one of them"#);
    assert_eq!(names(&registry), ["crm-people-export"]);
}

#[test]
fn what_is_not_there_is_answered_with_what_is_and_how_to_link_more() {
    let plugins = [Plugin::of::<ShopPeople>(), crm::PLUGINS[0], Plugin::of::<ShopOrders>()];
    let registry = Registry::of(&plugins).unwrap();

    let error = registry.connection("marketo-leads-export").unwrap_err();
    assert_eq!(error.kind(), &ErrorKind::Configuration);
    assert_eq!(error.code(), Some("not_linked"));
    assert_eq!(error.field(), Some("marketo-leads-export"));
    let message = error.message();
    assert!(message.contains(r#"no connection "marketo-leads-export""#), "{message}");
    assert!(
        message.contains("this program has a-shop-orders-export, crm-people-export, z-shop-people-export"),
        "{message}"
    );
    assert!(message.contains("use outflow_marketo as _;"), "{message}");
    assert!(message.contains("`PLUGINS`"), "{message}");

    let error = registry.app("marketo").unwrap_err();
    let message = error.message();
    assert!(message.contains("this program has crm, shop."), "each once: {message}");
}

#[test]
fn an_empty_registry_says_that_nothing_is_linked() {
    let error = Registry::default().app("crm").unwrap_err();
    assert!(error.message().contains("no plugin is linked into this program"), "{error}");
}
