use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Body, Headers, PluginError,
    upgrade::{Switch, Upgraded},
};

/// Who asks, as the host has authenticated them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The user's id; `token:<name>` for an API token in version 1.
    pub id: String,
    /// The user's name.
    pub name: String,
    /// `admin` or `viewer`.
    pub role: String,
}

/// An HTTP request that the host forwards.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method, in upper case.
    pub method: String,
    /// Path and query as the host gives them: below the plugin's route for a page, else without it. See
    /// [`HttpRequest::route_path`].
    pub path: String,
    /// The plugin's route with its slash where `path` begins with it, else empty.
    pub base: String,
    /// The header fields.
    pub headers: Headers,
    /// Who asks; `None` on a public path without a caller.
    pub user: Option<User>,
    /// The client's address.
    pub remote: String,
    /// The body: bytes or a stream.
    pub body: Body,
    pub(crate) is_upgrade: bool,
}

impl HttpRequest {
    /// Whether the client wants another protocol on this connection, as a rule a WebSocket: the answer may be
    /// [`HttpResponse::upgrade`], and any other refuses. `false` on a host that offers no upgrades.
    pub fn is_upgrade(&self) -> bool {
        self.is_upgrade
    }

    /// The path below the plugin's route, without the query; begins with `/`, and is the same however the request came
    /// in: `/list` for `/acme/list?x=1` and for `/list`.
    pub fn route_path(&self) -> &str {
        let path = self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path);
        let base = self.base.trim_end_matches('/');
        match path.strip_prefix(base) {
            Some("") => "/",
            Some(rest) if rest.starts_with('/') => rest,
            _ => path,
        }
    }

    /// What stands behind the `?`, undecoded.
    pub fn query(&self) -> Option<&str> {
        self.path.split_once('?').map(|(_, query)| query)
    }

    /// The body as JSON. A body that is none, or has more than `limit` bytes, is a [`PluginError`] that answers 400 or
    /// 413.
    pub async fn json<T: DeserializeOwned>(&mut self, limit: usize) -> Result<T, PluginError> {
        let bytes = match self.body.bytes(limit).await {
            Err(crate::BodyError::TooLarge) => return Err(PluginError::http(413, "The body is too large")),
            other => other?,
        };
        serde_json::from_slice(&bytes).map_err(|error| PluginError::http(400, format!("The body is wrong: {error}")))
    }
}

/// The answer to an [`HttpRequest`].
///
/// ```
/// use toru_plugin_api::HttpResponse;
///
/// let response = HttpResponse::text("Gone").status(410).header("cache-control", "no-store");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct HttpResponse {
    /// The status: 200 to 599, or 101 of [`HttpResponse::upgrade`].
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Body,
    pub(crate) switch: Option<Switch>,
}

impl HttpResponse {
    /// An answer without a body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Headers::new(), body: Body::empty(), switch: None }
    }

    /// 101: the connection changes over to `protocol`, and `serve` has its raw bytes from then on. Only for a request
    /// that [`HttpRequest::is_upgrade`]; add the headers that the protocol wants. The future is dropped when the client
    /// has left; an error that it returns is logged and breaks the connection off.
    ///
    /// For WebSockets there is `websocket::accept`, with the crate's feature `websocket`.
    ///
    /// ```
    /// use tokio::io::{AsyncReadExt, AsyncWriteExt};
    /// use toru_plugin_api::{HttpRequest, HttpResponse, PluginError};
    ///
    /// fn shout(request: &HttpRequest) -> Result<HttpResponse, PluginError> {
    ///     if !request.is_upgrade() {
    ///         return Err(PluginError::http(426, "This path speaks the protocol `shout` only"));
    ///     }
    ///     Ok(HttpResponse::upgrade("shout", |mut connection| async move {
    ///         let mut buffer = [0; 1024];
    ///         loop {
    ///             let count = connection.read(&mut buffer).await?;
    ///             if count == 0 {
    ///                 return Ok(());
    ///             }
    ///             buffer[..count].make_ascii_uppercase();
    ///             connection.write_all(&buffer[..count]).await?;
    ///         }
    ///     }))
    /// }
    /// ```
    pub fn upgrade<F, W>(protocol: &str, serve: F) -> Self
    where
        F: FnOnce(Upgraded) -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), PluginError>> + Send + 'static,
    {
        let mut response = Self::new(101).header("connection", "Upgrade").header("upgrade", protocol);
        response.switch = Some(Switch::new(serve));
        response
    }

    /// 200 with a body and its content type.
    pub fn with(content_type: &str, body: impl Into<Body>) -> Self {
        Self::new(200).header("content-type", content_type).body(body)
    }

    /// 200 with plain text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::with("text/plain; charset=utf-8", text.into())
    }

    /// 200 with a page.
    pub fn html(page: impl Into<String>) -> Self {
        Self::with("text/html; charset=utf-8", page.into())
    }

    /// 200 with JSON; an error if the value has no JSON form.
    pub fn json(value: &impl Serialize) -> Result<Self, PluginError> {
        Ok(Self::with("application/json", serde_json::to_vec(value)?))
    }

    /// Sets the status.
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// Sets a header field; earlier ones of that name go.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::HttpRequest;

    // [RTE-1] [RTE-2]
    #[test]
    fn a_path_is_the_same_with_the_route_and_without_it() {
        for (base, path, expected) in [
            ("/acme/", "/acme/list?x=1", "/list"),
            ("", "/list?x=/acme/", "/list"),
            ("/acme/", "/acme", "/"),
            ("/acme/", "/acme/", "/"),
            ("/acme/", "/acme?x", "/"),
            ("/acme", "/acme/a/b", "/a/b"),
            ("/acme/", "/acmeX/list", "/acmeX/list"),
            ("", "/", "/"),
        ] {
            let request = HttpRequest { base: base.into(), path: path.into(), ..HttpRequest::default() };
            assert_eq!(request.route_path(), expected, "{base} {path}");
        }
        let request = HttpRequest { path: "/a?b?c".into(), ..HttpRequest::default() };
        assert_eq!(request.query(), Some("b?c"));
    }
}
