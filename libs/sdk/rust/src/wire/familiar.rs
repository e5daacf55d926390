use std::sync::Arc;

use bytes::Bytes;

use super::{
    Violation, fast_http,
    frame::Frame,
    incoming::{Incoming, IncomingBody, is_request_id},
};
use crate::HttpRequest;

/// The host gives each request one of its own.
const REQUEST_ID_HEADER: &str = "x-request-id";
/// How a host writes an `http` request, up to its id, its method, its path, and the value of that header.
const BEFORE_ID: &[u8] = b"{\"type\":\"http\",\"request_id\":\"";
const BEFORE_METHOD: &[u8] = b"\",\"payload\":{\"method\":\"";
const BEFORE_PATH: &[u8] = b"\",\"path\":\"";
const BEFORE_HEADER_ID: &[u8] = b"\"x-request-id\":\"";

/// Heads to remember, as of several clients at a time.
const MAX_KNOWN: usize = 8;
/// Longer heads are not remembered.
const MAX_BYTES: usize = 8 * 1024;
/// After so many strangers in a row only one of so many is remembered: where all differ, it would be for nothing.
const STRANGERS: usize = 16;

/// Decodes messages, and remembers the heads of requests: one that is like an earlier one byte for byte, but for its id, its
/// path and the value of `x-request-id`, need not be parsed again. Whatever is not exactly so goes the strict way.
#[derive(Debug)]
pub(crate) struct FamiliarHeads {
    known: Vec<Known>,
    /// Which is the next to be forgotten.
    oldest: usize,
    strangers: usize,
}

impl FamiliarHeads {
    pub(crate) fn new() -> Self {
        Self { known: Vec::new(), oldest: 0, strangers: 0 }
    }

    pub(crate) fn decode(&mut self, frame: Frame) -> Result<Incoming, Violation> {
        if let Some((id, request)) = self.find(&frame.head) {
            self.strangers = 0;
            let body = IncomingBody::Whole(frame.tail.unwrap_or_default());
            return Ok(Incoming::Http { id, request: Box::new(request), body });
        }
        match fast_http::decode(&frame.head, frame.tail.as_ref().unwrap_or(&Bytes::new())) {
            Some((id, request, body)) => {
                Ok(Incoming::Http { id, request: Box::new(self.meet(&frame.head, request)), body })
            }
            None => Incoming::decode_any(frame),
        }
    }

    fn find(&self, head: &[u8]) -> Option<(String, HttpRequest)> {
        let (id, rest) = plain(head.strip_prefix(BEFORE_ID)?);
        let request = self.known.iter().find_map(|known| known.request(rest))?;
        is_request_id(id).then(|| (id.to_owned(), request))
    }

    /// Remembers the head of a request, if it can be.
    fn meet(&mut self, head: &[u8], mut request: HttpRequest) -> HttpRequest {
        self.strangers += 1;
        if self.strangers > STRANGERS && !self.strangers.is_multiple_of(STRANGERS) {
            return request;
        }
        let Some(known) = Known::of(head, &mut request) else { return request };
        if self.known.len() < MAX_KNOWN {
            self.known.push(known);
        } else {
            self.known[self.oldest] = known;
            self.oldest = (self.oldest + 1) % MAX_KNOWN;
        }
        request
    }
}

/// A head in pieces: `before_path`, a path, `before_id`, an id, `after_id`.
#[derive(Debug)]
struct Known {
    before_path: Vec<u8>,
    before_id: Vec<u8>,
    after_id: Vec<u8>,
    /// Which of the headers is the id; `None`: there is none, and `before_id` is all the rest.
    header: Option<usize>,
    request: Arc<HttpRequest>,
}

impl Known {
    /// `request` is what the strict way made of this very head; its headers become shared.
    ///
    /// That way takes no key twice and none that is unknown. So without any backslash a key can stand in the head in one
    /// way only, and what is found here is what `request` says.
    fn of(head: &[u8], request: &mut HttpRequest) -> Option<Self> {
        let (_, rest) = plain(head.strip_prefix(BEFORE_ID)?);
        let (method, before_path) = plain(rest.strip_prefix(BEFORE_METHOD)?);
        let (path, rest_behind) = plain(before_path.strip_prefix(BEFORE_PATH)?);
        let before_path = &rest[..BEFORE_METHOD.len() + method.len() + BEFORE_PATH.len()];
        let has = |what: &[u8]| rest_behind.windows(what.len()).any(|each| each == what);
        // A body in the head is not in the tail.
        let is_usual = head.len() <= MAX_BYTES
            && !head.contains(&b'\\')
            && !has(b"\"stream\"")
            && !has(b"\"body\"")
            && method == request.method
            && path == request.path;
        if !is_usual {
            return None;
        }
        let known = |before_id: &[u8], after_id: &[u8], header, request: &HttpRequest| Self {
            before_path: before_path.to_vec(),
            before_id: before_id.to_vec(),
            after_id: after_id.to_vec(),
            header,
            request: Arc::new(copy(request, String::new())),
        };
        request.headers = std::mem::take(&mut request.headers).into_shared();
        let Some(index) = request.headers.iter().position(|(name, _)| name == REQUEST_ID_HEADER) else {
            return Some(known(rest_behind, b"", None, request));
        };
        let at = rest_behind.windows(BEFORE_HEADER_ID.len()).position(|each| each == BEFORE_HEADER_ID);
        // Written in another way, or a list, it is not one of what may differ.
        let Some(at) = at.map(|at| at + BEFORE_HEADER_ID.len()) else {
            return Some(known(rest_behind, b"", None, request));
        };
        let (id, after_id) = plain(&rest_behind[at..]);
        let is_that =
            request.headers.iter().nth(index).is_some_and(|(_, value)| value == id) && after_id.starts_with(b"\"");
        is_that.then(|| known(&rest_behind[..at], after_id, Some(index), request))
    }

    /// What a head says whose bytes behind the id are these, if they are as they were.
    fn request(&self, rest: &[u8]) -> Option<HttpRequest> {
        let (path, rest) = plain(rest.strip_prefix(&*self.before_path)?);
        let rest = rest.strip_prefix(&*self.before_id)?;
        let Some(index) = self.header else {
            return rest.is_empty().then(|| copy(&self.request, path.to_owned()));
        };
        let (id, rest) = plain(rest);
        if rest != self.after_id {
            return None;
        }
        let mut request = copy(&self.request, path.to_owned());
        request.headers = request.headers.with_value(index, id.to_owned());
        Some(request)
    }
}

fn copy(request: &HttpRequest, path: String) -> HttpRequest {
    HttpRequest {
        method: request.method.clone(),
        path,
        base: request.base.clone(),
        headers: request.headers.clone(),
        user: request.user.clone(),
        remote: request.remote.clone(),
        ..HttpRequest::default()
    }
}

/// The characters at the beginning that stand for themselves in a JSON string of ASCII, and the rest.
fn plain(bytes: &[u8]) -> (&str, &[u8]) {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    let (plain, rest) = bytes.split_at(bytes.iter().take_while(|byte| is_plain(byte)).count());
    // They are ASCII.
    (std::str::from_utf8(plain).unwrap_or_default(), rest)
}

#[cfg(test)]
#[path = "familiar_tests.rs"]
mod tests;
