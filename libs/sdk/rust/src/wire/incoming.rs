use bytes::Bytes;
use serde_json::Value;

use super::{
    Violation, fast_http,
    frame::{Frame, MAX_FRAME},
    json::{self, Object},
    kv_codec,
};
use crate::{Headers, HttpRequest, KvOp, User};

/// Characters of a `request_id` at most.
const MAX_REQUEST_ID: usize = 128;
/// Smaller frames could not carry an answer; a larger window would let the host fill this process's memory.
const MIN_MAX_FRAME: u64 = 1024;
const MAX_WINDOW: u64 = 16 * 1024 * 1024;

/// A message of the host, in version 2.
#[derive(Debug)]
pub(crate) enum Incoming {
    Init(Box<Init>),
    Shutdown {
        grace_ms: u64,
    },
    Settings(Object),
    Http {
        id: String,
        request: Box<HttpRequest>,
        body: IncomingBody,
    },
    Upgrade {
        id: String,
        request: Box<HttpRequest>,
        stream: u64,
    },
    Data(Data),
    Cancel {
        id: String,
    },
    Ping {
        id: String,
    },
    Pong,
    KvRequest {
        id: String,
        operation: Result<KvOp, String>,
    },
    KvAnswer {
        id: String,
        payload: Object,
    },
    /// A type or action that this version does not know.
    Unknown,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum IncomingBody {
    Whole(Bytes),
    Stream(u64),
}

/// `data`: bytes and `end` on streams of the host, credit on those of the plugin, an error on both.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Data {
    pub(crate) stream: u64,
    pub(crate) bytes: Bytes,
    pub(crate) end: bool,
    pub(crate) error: Option<(String, String)>,
    pub(crate) credit: Option<u64>,
}

impl Data {
    /// Streams of the host are odd.
    pub(crate) fn is_of_host(&self) -> bool {
        self.stream % 2 == 1
    }
}

#[derive(Debug, Default)]
pub(crate) struct Init {
    pub(crate) features: Vec<String>,
    pub(crate) plugin_id: Option<String>,
    pub(crate) instance_id: String,
    pub(crate) data_dir: Option<String>,
    pub(crate) settings: Object,
    pub(crate) license_key: Option<String>,
    pub(crate) max_frame: usize,
    pub(crate) window: u64,
}

/// What every message has.
pub(crate) struct Envelope {
    pub(crate) kind: String,
    pub(crate) action: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) payload: Object,
}

/// Parses a frame's head and checks what all messages have in common, in both versions.
pub(crate) fn envelope(head: &[u8]) -> Result<Envelope, Violation> {
    let mut message = json::parse_object(head)?;
    let wrong = |what: String| Violation::new("invalid_envelope", what);
    let kind = match message.remove("type") {
        Some(Value::String(kind)) if !kind.is_empty() => kind,
        _ => return Err(wrong("`type` is no string, or empty".into())),
    };
    let action = json::optional_string(&message, "action").map_err(wrong)?.map(str::to_owned);
    let request_id = match message.remove("request_id") {
        None => None,
        Some(Value::String(id)) if is_request_id(&id) => Some(id),
        Some(_) => {
            let text = format!("`request_id` is no string of 1 to {MAX_REQUEST_ID} characters");
            return Err(Violation::new("invalid_request_id", text));
        }
    };
    let payload = match message.remove("payload") {
        None => Object::new(),
        Some(Value::Object(payload)) => payload,
        Some(_) => return Err(wrong("`payload` is no object".into())),
    };
    Ok(Envelope { kind, action, request_id, payload })
}

pub(crate) fn is_request_id(id: &str) -> bool {
    !id.is_empty() && (id.len() <= MAX_REQUEST_ID || id.chars().count() <= MAX_REQUEST_ID)
}

impl Incoming {
    pub(crate) fn decode(frame: Frame) -> Result<Self, Violation> {
        match fast_http::decode(&frame.head, frame.tail.as_ref().unwrap_or(&Bytes::new())) {
            Some((id, request, body)) => Ok(Self::Http { id, request: Box::new(request), body }),
            None => Self::decode_any(frame),
        }
    }

    /// The slow way, which knows everything.
    pub(crate) fn decode_any(frame: Frame) -> Result<Self, Violation> {
        let Envelope { kind, action, request_id, payload } = envelope(&frame.head)?;
        let id = request_id.ok_or_else(|| Violation::new("missing_request_id", format!("{kind:?} without request_id")));
        let tail = frame.tail.unwrap_or_default();
        match kind.as_str() {
            "lifecycle" => lifecycle(action.as_deref(), payload),
            "ping" => Ok(Self::Ping { id: id? }),
            "pong" => id.map(|_| Self::Pong),
            "cancel" => Ok(Self::Cancel { id: id? }),
            "data" => data(&payload, tail).map(Self::Data),
            "http" => {
                let id = id?;
                let (request, body) = http_request(payload, tail)?;
                Ok(Self::Http { id, request: Box::new(request), body })
            }
            "upgrade" => {
                let id = id?;
                let (mut request, body) = http_request(payload, tail)?;
                let IncomingBody::Stream(stream) = body else {
                    return Err(Violation::new("invalid_stream", "an upgrade without a stream"));
                };
                request.is_upgrade = true;
                Ok(Self::Upgrade { id, request: Box::new(request), stream })
            }
            "kv" if payload.contains_key("action") => {
                Ok(Self::KvRequest { id: id?, operation: kv_codec::decode_operation(&payload) })
            }
            "kv" => Ok(Self::KvAnswer { id: id?, payload }),
            "log" | "event" => Err(unexpected(&kind)),
            _ => Ok(Self::Unknown),
        }
    }
}

fn unexpected(what: &str) -> Violation {
    Violation::new("unexpected_message", format!("{what} comes from plugins only"))
}

fn lifecycle(action: Option<&str>, mut payload: Object) -> Result<Incoming, Violation> {
    let wrong = |what: String| Violation::new("invalid_lifecycle", what);
    match action {
        Some("init") => init(payload).map(|init| Incoming::Init(Box::new(init))).map_err(wrong),
        Some("shutdown") => {
            let grace_ms = json::optional_integer(&payload, "grace_ms").map_err(wrong)?.unwrap_or(5000);
            Ok(Incoming::Shutdown { grace_ms })
        }
        Some("settings") => match payload.remove("settings") {
            Some(Value::Object(settings)) => Ok(Incoming::Settings(settings)),
            _ => Err(wrong("`settings` is no object".into())),
        },
        Some("ready" | "failed") => Err(unexpected("ready or failed")),
        Some(_) => Ok(Incoming::Unknown),
        None => Err(Violation::new("invalid_envelope", "a lifecycle message without action")),
    }
}

fn init(mut payload: Object) -> Result<Init, String> {
    if json::optional_integer(&payload, "protocol")? != Some(2) {
        return Err("the host's `init` is not of version 2".into());
    }
    let mut init = Init { max_frame: MAX_FRAME, window: 262_144, ..Init::default() };
    if let Some(Value::Array(features)) = payload.get("features") {
        init.features = features.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    }
    init.plugin_id = json::optional_string(&payload, "plugin_id")?.map(str::to_owned);
    init.instance_id = json::string(&payload, "instance_id")?.to_owned();
    init.data_dir = json::optional_string(&payload, "data_dir")?.map(str::to_owned);
    init.license_key = json::optional_string(&payload, "license_key")?.map(str::to_owned);
    match payload.remove("settings") {
        None | Some(Value::Null) => {}
        Some(Value::Object(settings)) => init.settings = settings,
        Some(_) => return Err("`settings` is no object".into()),
    }
    if let Some(limits) = payload.get("limits").and_then(Value::as_object) {
        if let Some(max_frame) = json::optional_integer(limits, "max_frame")? {
            if max_frame < MIN_MAX_FRAME {
                return Err(format!("`max_frame` is {max_frame}; at least {MIN_MAX_FRAME} are needed"));
            }
            init.max_frame = usize::try_from(max_frame).map_or(MAX_FRAME, |value| value.min(MAX_FRAME));
        }
        if let Some(window) = json::optional_integer(limits, "window")? {
            if !(1..=MAX_WINDOW).contains(&window) {
                return Err(format!("`window` is {window}; 1 to {MAX_WINDOW} are possible"));
            }
            init.window = window;
        }
    }
    Ok(init)
}

fn http_request(mut payload: Object, tail: Bytes) -> Result<(HttpRequest, IncomingBody), Violation> {
    let stream = match payload.get("stream") {
        None | Some(Value::Null) => None,
        Some(value) => match json::integer(value) {
            Some(number) if number % 2 == 1 => Some(number),
            _ => return Err(Violation::new("invalid_stream", "streams of the host are odd, positive integers")),
        },
    };
    let text = match payload.remove("body") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => return Err(Violation::new("invalid_http_request", "`body` is no string")),
    };
    let body = match (text, stream, tail.is_empty()) {
        (None, None, _) => IncomingBody::Whole(tail),
        (Some(text), None, true) => IncomingBody::Whole(text.into()),
        (None, Some(stream), true) => IncomingBody::Stream(stream),
        _ => return Err(Violation::new("body_ambiguous", "two bodies at once")),
    };
    let request = request_head(&payload).map_err(|what| Violation::new("invalid_http_request", what))?;
    Ok((request, body))
}

fn request_head(payload: &Object) -> Result<HttpRequest, String> {
    let user = match payload.get("user") {
        None | Some(Value::Null) => None,
        Some(Value::Object(user)) => Some(User {
            id: json::string(user, "id")?.to_owned(),
            name: json::string(user, "name")?.to_owned(),
            role: json::string(user, "role")?.to_owned(),
        }),
        Some(_) => return Err("`user` is no object".into()),
    };
    Ok(HttpRequest {
        method: json::string(payload, "method")?.to_owned(),
        path: json::string(payload, "path")?.to_owned(),
        base: json::optional_string(payload, "base")?.unwrap_or_default().to_owned(),
        headers: Headers::from_json(payload.get("headers"))?,
        user,
        remote: json::optional_string(payload, "remote")?.unwrap_or_default().to_owned(),
        ..HttpRequest::default()
    })
}

fn data(payload: &Object, bytes: Bytes) -> Result<Data, Violation> {
    let wrong = |what: &str| Violation::new("invalid_data", what);
    let stream = payload.get("stream").and_then(json::integer).filter(|number| *number > 0);
    let stream = stream.ok_or_else(|| Violation::new("invalid_stream", "`stream` is no positive integer"))?;
    let end = match payload.get("end") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(end)) => *end,
        Some(_) => return Err(wrong("`end` is no boolean")),
    };
    let error = match payload.get("error") {
        None | Some(Value::Null) => None,
        Some(Value::Object(error)) => {
            let text = |name| error.get(name).and_then(Value::as_str).unwrap_or("unknown").to_owned();
            Some((text("code"), text("message")))
        }
        Some(_) => return Err(wrong("`error` is no object")),
    };
    let credit = match payload.get("credit") {
        None | Some(Value::Null) => None,
        Some(value) => match json::integer(value) {
            Some(credit) if credit > 0 => Some(credit),
            _ => return Err(wrong("`credit` is no positive integer")),
        },
    };
    let data = Data { stream, bytes, end, error, credit };
    if data.is_of_host() && data.credit.is_some() {
        return Err(wrong("credit comes from the receiver of a stream"));
    }
    if !data.is_of_host() && (data.end || !data.bytes.is_empty()) {
        return Err(wrong("the host sends no bytes on streams of the plugin"));
    }
    Ok(data)
}
