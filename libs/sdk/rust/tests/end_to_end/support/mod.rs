//! A host for the tests, written from the protocol's page and not with the code under test, against the real process of
//! `examples/test-plugin.rs`.
#![allow(dead_code, reason = "each test program uses a part")]

pub mod switched;

use std::{
    collections::VecDeque,
    fs,
    io::ErrorKind,
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
    process::{Child, Command},
    time::timeout,
};

/// Far beyond what anything here takes, also in a debug build on a loaded machine: only a plugin that hangs reaches it.
pub const PATIENCE: Duration = Duration::from_secs(300);

pub struct Plugin {
    child: Option<Child>,
    directory: PathBuf,
    pub socket: PathBuf,
}

impl Plugin {
    pub fn start(env: &[(&str, &str)]) -> Self {
        let directory = new_directory();
        let socket = directory.join("p.sock");
        let tests = std::env::current_exe().unwrap();
        let executable = tests.parent().unwrap().join("../examples/test-plugin");
        let child = Command::new(executable.canonicalize().expect("cargo test builds the examples"))
            .env("TORU_PLUGIN_SOCKET", &socket)
            .env("TORU_PLUGIN_ID", "test-plugin")
            .env("TORU_INSTANCE_ID", "from-environment")
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { child: Some(child), directory, socket }
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().and_then(Child::id).expect("it runs")
    }

    pub async fn connect(&self) -> Host {
        let connect = async {
            loop {
                match UnixStream::connect(&self.socket).await {
                    Ok(stream) => break stream,
                    Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        };
        Host::new(timeout(PATIENCE, connect).await.expect("the plugin listens"))
    }

    /// Connected, initialised and ready.
    pub async fn ready(&self) -> Host {
        let mut host = self.connect().await;
        host.send(init(json!({}))).await;
        let (ready, _) = host.receive().await;
        assert_eq!(ready["action"], "ready", "{ready}");
        host
    }

    /// Waits for its end: the status and what it printed.
    pub async fn exit(&mut self) -> (i32, String) {
        let child = self.child.take().expect("it was not waited for");
        let output = timeout(PATIENCE, child.wait_with_output()).await.expect("the plugin ends").unwrap();
        let printed = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&printed).into_owned())
    }

    pub fn resident_bytes(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
    }
}

impl Drop for Plugin {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A directory that nobody else has, whatever earlier runs have left; short, for the path of a socket.
pub fn new_directory() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = PathBuf::from(format!("/tmp/toru-rs-{}-{number}", std::process::id()));
        match fs::create_dir(&directory) {
            Ok(()) => return directory,
            Err(error) => assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}"),
        }
    }
}

pub fn init(settings: Value) -> Value {
    json!({
        "type": "lifecycle", "action": "init", "timestamp": "2026-01-15T12:00:00Z",
        "payload": {
            "protocol": 2, "features": ["stream", "upgrade", "kv", "log", "event", "settings", "teleport"],
            "plugin_id": "test-plugin", "instance_id": "an-instance", "plugin_socket": "", "log_path": "",
            "data_dir": "/tmp", "settings": settings, "license_key": null,
            "limits": { "max_frame": 16_777_216, "window": 262_144 },
        },
    })
}

pub fn shutdown(grace_ms: u64) -> Value {
    json!({
        "type": "lifecycle", "action": "shutdown", "timestamp": "2026-01-15T12:00:00Z",
        "payload": { "grace_ms": grace_ms },
    })
}

pub fn get(id: &str, path: &str) -> Value {
    request(id, "GET", path)
}

pub fn request(id: &str, method: &str, path: &str) -> Value {
    json!({
        "type": "http", "request_id": id,
        "payload": {
            "method": method, "path": path, "base": "", "headers": {},
            "user": { "id": "u-1", "name": "Ada", "role": "admin" }, "remote": "192.0.2.7",
        },
    })
}

pub fn streamed(id: &str, path: &str, stream: u64) -> Value {
    let mut message = request(id, "POST", path);
    message["payload"]["stream"] = stream.into();
    message
}

pub fn data(stream: u64, fields: Value) -> Value {
    let mut payload = fields;
    payload["stream"] = stream.into();
    json!({ "type": "data", "payload": payload })
}

pub fn frame(message: &Value, tail: &[u8]) -> Vec<u8> {
    let head = message.to_string().into_bytes();
    if tail.is_empty() {
        return [&(head.len() as u32).to_be_bytes()[..], &head].concat();
    }
    let length = 0x8000_0000 | (4 + head.len() + tail.len()) as u32;
    [&length.to_be_bytes()[..], &(head.len() as u32).to_be_bytes(), &head, tail].concat()
}

/// Bytes that are not the same everywhere.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index * 31 % 251) as u8).collect()
}

/// One connection.
pub struct Host {
    stream: UnixStream,
    buffer: Vec<u8>,
    /// Messages that were passed over by `until`.
    pub passed: VecDeque<(Value, Vec<u8>)>,
}

impl Host {
    pub fn new(stream: UnixStream) -> Self {
        Self { stream, buffer: Vec::new(), passed: VecDeque::new() }
    }

    pub async fn send(&mut self, message: Value) {
        self.send_tail(message, &[]).await;
    }

    pub async fn send_tail(&mut self, message: Value, tail: &[u8]) {
        self.send_bytes(&frame(&message, tail)).await;
    }

    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the plugin reads").expect("the plugin lives");
    }

    /// As far as it goes: a plugin that ends the connection is what some tests are about.
    pub async fn send_bytes_to_a_dying(&mut self, bytes: &[u8]) {
        let _ = timeout(PATIENCE, self.stream.write_all(bytes)).await.expect("the plugin reads or ends");
    }

    /// The next message and its tail; `None` at the end of the connection.
    pub async fn try_receive(&mut self) -> Option<(Value, Vec<u8>)> {
        loop {
            if let Some(message) = self.take() {
                return Some(message);
            }
            let mut chunk = vec![0; 65_536];
            match timeout(PATIENCE, self.stream.read(&mut chunk)).await.expect("the plugin answers") {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.buffer.extend_from_slice(&chunk[..count]),
            }
        }
    }

    pub async fn receive(&mut self) -> (Value, Vec<u8>) {
        match self.passed.pop_front() {
            Some(message) => message,
            None => self.try_receive().await.expect("the connection stays"),
        }
    }

    /// The next message that fits; others are kept for later.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> (Value, Vec<u8>) {
        if let Some(index) = self.passed.iter().position(|(message, _)| fits(message)) {
            return self.passed.remove(index).unwrap();
        }
        loop {
            let message = self.try_receive().await.expect("the connection stays");
            if fits(&message.0) {
                return message;
            }
            self.passed.push_back(message);
        }
    }

    pub async fn answer_to(&mut self, id: &str) -> (Value, Vec<u8>) {
        self.until(|message| message["type"] == "http" && message["request_id"] == id).await
    }

    /// The answer's status and whole body, with credit for what comes as a stream.
    pub async fn whole_answer_to(&mut self, id: &str) -> (u64, Vec<u8>) {
        let (answer, mut body) = self.answer_to(id).await;
        let status = answer["payload"]["status"].as_u64().unwrap();
        if let Some(stream) = answer["payload"]["stream"].as_u64() {
            loop {
                let (piece, bytes) = self.until(|each| each["payload"]["stream"] == stream).await;
                assert!(piece["payload"]["error"].is_null(), "{piece}");
                body.extend_from_slice(&bytes);
                if piece["payload"]["end"] == true {
                    break;
                }
                if !bytes.is_empty() {
                    self.send(data(stream, json!({ "credit": bytes.len() }))).await;
                }
            }
        }
        (status, body)
    }

    pub async fn log(&mut self, text: &str) -> Value {
        self.until(|each| {
            each["type"] == "log" && each["payload"]["message"].as_str().is_some_and(|message| message.contains(text))
        })
        .await
        .0
    }

    /// Answers pings while a handler is slow: proves that the connection is served.
    pub async fn ping(&mut self, id: &str) {
        self.send(json!({ "type": "ping", "request_id": id })).await;
        self.until(|each| each["type"] == "pong" && each["request_id"] == id).await;
    }

    fn take(&mut self) -> Option<(Value, Vec<u8>)> {
        let integer = |at: usize| Some(u32::from_be_bytes(self.buffer.get(at..at + 4)?.try_into().ok()?));
        let first = integer(0)?;
        let length = (first & 0x7fff_ffff) as usize;
        if self.buffer.len() < 4 + length {
            return None;
        }
        let (start, end) = if first & 0x8000_0000 == 0 { (4, 4 + length) } else { (8, 8 + integer(4)? as usize) };
        let message = serde_json::from_slice(&self.buffer[start..end]).unwrap();
        let tail = self.buffer[end..4 + length].to_vec();
        self.buffer.drain(..4 + length);
        Some((message, tail))
    }
}
