use crate::limits::{HttpLimits, ResourceLimits};
use serde::Serialize;
use serde_json::Value;

/// Whether a plugin needs a licence key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum License {
    /// It runs without one.
    None,
    /// It does not run without a valid one.
    Required,
}

/// What a plugin is, as `<file> --metadata` prints it.
///
/// ```
/// use toru_plugin_api::PluginMetadata;
///
/// let metadata = PluginMetadata::new("acme", "Acme", "1.2.0", "🧩", "/acme")
///     .author("Acme Ltd")
///     .public_path("/webhook/*");
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct PluginMetadata {
    pub(crate) id: String,
    pub(crate) name: String,
    version: String,
    icon: String,
    pub(crate) route: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    homepage: Option<String>,
    pub(crate) protocol: u8,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    public_paths: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings_schema: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<License>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limits: Option<ResourceLimits>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http: Option<HttpLimits>,
    #[serde(skip)]
    pub(crate) bundle: Option<String>,
}

impl PluginMetadata {
    /// The fields that every plugin has. `id`: `^[a-z0-9][a-z0-9-]{0,63}$`; `route`: `/` and one segment of that
    /// alphabet; `icon`: an emoji or a short text.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        version: impl Into<String>,
        icon: impl Into<String>,
        route: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            version: version.into(),
            icon: icon.into(),
            route: route.into(),
            author: None,
            description: None,
            homepage: None,
            protocol: 2,
            public_paths: Vec::new(),
            settings_schema: None,
            license: None,
            limits: None,
            http: None,
            bundle: None,
        }
    }

    /// Who wrote it; at most 100 characters.
    pub fn author(mut self, author: impl Into<String>) -> Self {
        self.author = Some(author.into());
        self
    }

    /// What it does; at most 1000 characters.
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// An http or https address.
    pub fn homepage(mut self, homepage: impl Into<String>) -> Self {
        self.homepage = Some(homepage.into());
        self
    }

    /// The version of the protocol: 2 unless told so. With 2 the plugin also works on a host that speaks version 1.
    pub fn protocol(mut self, version: u8) -> Self {
        self.protocol = version;
        self
    }

    /// Adds a path below the route that is forwarded without authentication, such as `/webhook/*`.
    pub fn public_path(mut self, path: impl Into<String>) -> Self {
        self.public_paths.push(path.into());
        self
    }

    /// A JSON Schema of the settings: a section of the host's settings page.
    pub fn settings_schema(mut self, schema: Value) -> Self {
        self.settings_schema = Some(schema);
        self
    }

    /// Whether it needs a licence key.
    pub fn license(mut self, license: License) -> Self {
        self.license = Some(license);
        self
    }

    /// What of the machine is enough for it.
    pub fn limits(mut self, limits: ResourceLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// How the host is to treat requests; an administrator may say otherwise.
    pub fn http(mut self, limits: HttpLimits) -> Self {
        self.http = Some(limits);
        self
    }

    /// The script of the plugin's page. `GET /bundle.js` is answered with it before your handler is asked.
    pub fn bundle(mut self, script: impl Into<String>) -> Self {
        self.bundle = Some(script.into());
        self
    }

    /// What the host would refuse, so that an author sees it at the first start.
    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if !is_segment(&self.id) {
            problems.push(format!("the id {:?} is not ^[a-z0-9][a-z0-9-]{{0,63}}$", self.id));
        }
        if !self.route.strip_prefix('/').is_some_and(is_segment) {
            problems.push(format!("the route {:?} is not a slash and one segment", self.route));
        }
        for (field, text, most) in [("name", &self.name, 100), ("version", &self.version, 64), ("icon", &self.icon, 16)]
        {
            if !(1..=most).contains(&text.chars().count()) {
                problems.push(format!("the {field} is not of 1 to {most} characters"));
            }
        }
        if !matches!(self.protocol, 1 | 2) {
            problems.push(format!("protocol {} is neither 1 nor 2", self.protocol));
        }
        if self.settings_schema.as_ref().is_some_and(|schema| !schema.is_object()) {
            problems.push("the settings schema is no object".into());
        }
        problems.extend(self.limits.iter().flat_map(ResourceLimits::problems));
        problems.extend(self.http.iter().flat_map(HttpLimits::problems));
        problems
    }
}

fn is_segment(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::{License, PluginMetadata};
    use serde_json::{json, to_value};

    // [META-1]
    #[test]
    fn optional_fields_are_there_only_where_they_are_set() {
        let least = PluginMetadata::new("acme", "Acme", "1.2.0", "🧩", "/acme").bundle("…");
        let expected =
            json!({"id": "acme", "name": "Acme", "version": "1.2.0", "icon": "🧩", "route": "/acme", "protocol": 2});
        assert_eq!(to_value(&least).unwrap(), expected);
        let full = least
            .author("A")
            .description("D")
            .homepage("https://example.org")
            .protocol(1)
            .public_path("/webhook/*")
            .settings_schema(json!({"type": "object"}))
            .license(License::Required);
        assert!(full.problems().is_empty());
        let wire = to_value(&full).unwrap();
        assert_eq!(wire["public_paths"], json!(["/webhook/*"]));
        assert_eq!(wire["license"], "required");
        assert_eq!(wire["protocol"], 1);
    }

    // [META-1]
    #[test]
    fn what_the_host_would_refuse_is_named() {
        let wrong = PluginMetadata::new("a b", "", "1", "🧩", "acme/x").protocol(3).settings_schema(json!([]));
        assert_eq!(wrong.problems().len(), 5);
    }
}
