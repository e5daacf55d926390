//! Licence keys, in version 2.

use serde_json::{Value, json};

use crate::support::{Plugin, init};

fn vector(file: &str, name: &str) -> Value {
    let path = format!("{}/../../contracts/vectors/licences/{file}.json", env!("CARGO_MANIFEST_DIR"));
    let vectors: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    vectors.into_iter().find(|vector| vector["name"] == name).unwrap_or_else(|| panic!("no vector {name:?}"))
}

fn licensed_init(start: &str, vector: &Value, key: &Value) -> Value {
    let mut message = init(json!({ "start": start, "secret": vector["secret"] }));
    message["payload"]["instance_id"] = vector["instance"].clone();
    message["payload"]["license_key"] = key.clone();
    message
}

// [LANG-1] [LIC-2] [LIC-3]
#[tokio::test]
async fn a_licence_that_holds_is_needed_where_it_is_required() {
    let vector = vector("hmac", "never");
    let mut refused = vector["key"].as_str().unwrap().to_owned();
    refused.replace_range(..1, "_");
    for (key, reason) in [(json!(refused), "format"), (Value::Null, "missing"), (json!(""), "missing")] {
        let mut plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        host.send(licensed_init("licensed", &vector, &key)).await;
        let (failed, _) = host.until(|each| each["type"] == "lifecycle").await;
        assert_eq!((&failed["action"], &failed["payload"]["code"]), (&json!("failed"), &json!("license")), "{reason}");
        let message = failed["payload"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("(reason: {reason})")) && !message.contains(&refused), "{message}");
        assert_eq!(plugin.exit().await.0, 78, "{reason}");
    }
    let plugin = Plugin::start(&[("TORU_LICENSE_KEY", vector["key"].as_str().unwrap())]);
    let mut host = plugin.connect().await;
    // The key of the environment, where the host gives none with `init`.
    host.send(licensed_init("licensed", &vector, &Value::Null)).await;
    let (ready, _) = host.until(|each| each["type"] == "lifecycle").await;
    assert_eq!(ready["action"], "ready");
}

// [LANG-1] [LIC-1] [LIC-3] [OBS-1]
#[tokio::test]
async fn a_plugin_that_may_be_licensed_runs_without_and_says_why_a_key_does_not_hold() {
    let vector = vector("hmac", "another instance");
    let plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    host.send(licensed_init("may be licensed", &vector, &vector["key"])).await;
    let warning = host.log("goes on without a licence").await;
    let said = warning["payload"]["message"].as_str().unwrap();
    assert!(said.contains("(reason: instance)") && said.contains(vector["instance"].as_str().unwrap()), "{said}");
    let line = host.log("the plugin has a licence: false").await.to_string();
    assert!(line.contains("PluginContext") && !line.contains(vector["key"].as_str().unwrap()), "{line}");
}

// [LANG-1] [LIC-2] [LIC-6]
#[tokio::test]
async fn a_licence_is_for_the_plugin_that_the_host_says_it_is_in_whatever_case() {
    let vector = vector("ed25519", "for ever, every version");
    for (plugin_id, expected) in [("ACME", "ready"), ("test-plugin", "failed")] {
        let plugin = Plugin::start(&[]);
        let mut host = plugin.connect().await;
        let mut message = licensed_init("licensed", &vector, &vector["key"]);
        message["payload"]["plugin_id"] = json!(plugin_id);
        message["payload"]["settings"] = json!({ "start": "licensed", "public_keys": vector["public_keys"] });
        host.send(message).await;
        let (answer, _) = host.until(|each| each["type"] == "lifecycle").await;
        assert_eq!(answer["action"], expected, "{answer}");
        let reason = answer["payload"]["message"].as_str().unwrap_or("(reason: plugin)");
        assert!(reason.contains("(reason: plugin)"), "{reason}");
    }
}

// [LANG-1] [LIC-3] [SUP-10]
#[tokio::test]
async fn a_licence_check_that_cannot_be_made_is_no_fault_of_the_customer() {
    let mut plugin = Plugin::start(&[]);
    let mut host = plugin.connect().await;
    host.send(init(json!({ "start": "licensed", "public_keys": ["no key"] }))).await;
    let (failed, _) = host.until(|each| each["type"] == "lifecycle").await;
    assert_eq!((&failed["action"], &failed["payload"]["code"]), (&json!("failed"), &json!("config")));
    assert_eq!(plugin.exit().await.0, 78);
}
