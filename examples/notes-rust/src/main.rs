//! Notes: a list of short notes in the host's storage, with a small page.
//!
//! All notes are one JSON value, so that it works on hosts of version 1 too. With version 2 a note could be a key of its
//! own, and `kv.list` would give the pages.

use std::{process::ExitCode, sync::Mutex};

use serde::{Deserialize, Serialize};
use toru_plugin_api::{
    Config, HttpRequest, HttpResponse, PluginContext, PluginError, PluginMetadata, SetOptions, ToruPlugin, log, run,
};

const KEY: &str = "notes";
const MAX_TEXT: usize = 500;
const MAX_BODY: usize = 4096;
/// Another writer may come between reading and writing that often before a request gives up.
const ATTEMPTS: usize = 10;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Note {
    id: u64,
    text: String,
}

#[derive(Deserialize)]
struct NewNote {
    text: String,
}

#[derive(Deserialize)]
#[serde(default)]
struct Settings {
    max_notes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_notes: 100 }
    }
}

#[derive(Default)]
struct Notes {
    settings: Mutex<Settings>,
    writing: tokio::sync::Mutex<()>,
}

impl ToruPlugin for Notes {
    fn metadata(&self) -> PluginMetadata {
        PluginMetadata::new("notes-rust", "Notes", "1.0.0", "📝", "/notes")
            .author("Toru Steering Center")
            .description("Short notes in the host's key-value storage, with a small page.")
            .bundle(include_str!("page.js"))
            .settings_schema(serde_json::json!({
                "type": "object",
                "properties": { "max_notes": { "type": "integer", "minimum": 1, "maximum": 1000, "default": 100 } }
            }))
    }

    async fn init(&mut self, context: &PluginContext) -> Result<(), PluginError> {
        self.settings = Mutex::new(context.config.parse()?);
        Ok(())
    }

    async fn on_settings(&self, _context: &PluginContext, settings: &Config) {
        if let (Ok(parsed), Ok(mut current)) = (settings.parse(), self.settings.lock()) {
            *current = parsed;
        }
    }

    async fn handle_http(
        &self,
        context: &PluginContext,
        mut request: HttpRequest,
    ) -> Result<HttpResponse, PluginError> {
        let path = request.route_path().to_owned();
        match (request.method.as_str(), path.strip_prefix("/notes").unwrap_or("?")) {
            ("GET", "") => HttpResponse::json(&read(context).await?.0),
            ("POST", "") => {
                let NewNote { text } = request.json(MAX_BODY).await?;
                HttpResponse::json(&self.add(context, text.trim()).await?).map(|response| response.status(201))
            }
            ("DELETE", id) => {
                let id = id.strip_prefix('/').and_then(|id| id.parse().ok());
                self.remove(context, id.ok_or_else(nothing)?).await?;
                Ok(HttpResponse::new(204))
            }
            _ => Err(nothing()),
        }
    }
}

impl Notes {
    async fn add(&self, context: &PluginContext, text: &str) -> Result<Note, PluginError> {
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            return Err(PluginError::http(400, format!("A note has 1 to {MAX_TEXT} characters")));
        }
        let max = self.settings.lock().map_or(100, |settings| settings.max_notes);
        let note = self
            .change(context, |notes| {
                if notes.len() >= max {
                    return Err(PluginError::http(409, format!("There are {max} notes already")));
                }
                let id = notes.iter().map(|note| note.id).max().unwrap_or(0) + 1;
                let note = Note { id, text: text.to_owned() };
                notes.push(note.clone());
                Ok(note)
            })
            .await?;
        log::info!(id = note.id; "a note was added");
        Ok(note)
    }

    async fn remove(&self, context: &PluginContext, id: u64) -> Result<(), PluginError> {
        self.change(context, |notes| {
            let before = notes.len();
            notes.retain(|note| note.id != id);
            if notes.len() < before { Ok(()) } else { Err(nothing()) }
        })
        .await
    }

    /// Reads, changes and writes; again from the start if somebody else wrote in between.
    async fn change<T>(
        &self,
        context: &PluginContext,
        change: impl Fn(&mut Vec<Note>) -> Result<T, PluginError>,
    ) -> Result<T, PluginError> {
        let _one_at_a_time = self.writing.lock().await;
        for _ in 0..ATTEMPTS {
            let (mut notes, revision) = read(context).await?;
            let result = change(&mut notes)?;
            let options = revision.map_or(SetOptions::new(), |revision| SetOptions::new().if_revision(revision));
            match context.kv.set_with(KEY, serde_json::to_string(&notes)?, options).await {
                Err(error) if error.is_conflict() => {}
                written => return written.map(|_| result).map_err(Into::into),
            }
        }
        Err(PluginError::http(503, "Too many changes at once; try again"))
    }
}

/// The notes, and the revision that a change is based on, where the host has revisions.
async fn read(context: &PluginContext) -> Result<(Vec<Note>, Option<u64>), PluginError> {
    match context.kv.get_entry(KEY).await? {
        Some(entry) => Ok((serde_json::from_str(&entry.value)?, Some(entry.revision).filter(|revision| *revision > 0))),
        None => Ok((Vec::new(), None)),
    }
}

fn nothing() -> PluginError {
    PluginError::http(404, "There is no such note")
}

fn main() -> ExitCode {
    run(Notes::default())
}
