//! Licensed Rust: runs with a licence key of its vendor, and does more where the licence says so.

use std::process::ExitCode;

use toru_plugin_api::{
    HttpRequest, HttpResponse, License, PluginContext, PluginError, PluginMetadata, ToruPlugin,
    license::{Check, Licence},
    run,
};

/// The DEMO key pair of this folder: everybody has its private half. A plugin that is sold has a public key of its own here.
const PUBLIC_KEYS: &[&str] = &["7B/+/2xwhMn1o+7gJXh0toZnLXO+T24yezj5osal+Zs="];
/// The day of this version's release: to be changed with every version.
const RELEASED: &str = "2026-11-21";

#[derive(Default)]
struct LicensedRust {
    licence: Option<Licence>,
}

impl ToruPlugin for LicensedRust {
    fn metadata(&self) -> PluginMetadata {
        PluginMetadata::new("licensed-rust", "Licensed Rust", "1.0.0", "🔏", "/licensed-rust")
            .author("Toru Steering Center")
            .description("Runs with a licence key. A start for a plugin that is sold, in Rust.")
            .license(License::Required)
    }

    async fn init(&mut self, context: &PluginContext) -> Result<(), PluginError> {
        self.licence = Some(context.license().require(&Check::public_keys(PUBLIC_KEYS).released(RELEASED))?);
        Ok(())
    }

    async fn handle_http(&self, _: &PluginContext, request: HttpRequest) -> Result<HttpResponse, PluginError> {
        let Some(licence) = &self.licence else { return Err(PluginError::internal("a request before init")) };
        match request.route_path() {
            "/" => HttpResponse::json(&serde_json::json!({
                "licensed_to": licence.customer, "expires": licence.expires, "features": licence.features,
            })),
            "/report" if licence.has("report") => Ok(HttpResponse::text("The report that the licence includes\n")),
            "/report" => Err(PluginError::http(403, "The licence does not include the report")),
            path => Err(PluginError::http(404, format!("nothing at {path}"))),
        }
    }
}

fn main() -> ExitCode {
    run(LicensedRust::default())
}
