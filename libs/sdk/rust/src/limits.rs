use serde::Serialize;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The largest number that all readers of JSON keep exactly.
const MOST: u64 = (1 << 53) - 1;
const MOST_RULES: usize = 64;

/// What of the machine is enough for a plugin, its children included. What is not said is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ResourceLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    memory_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpu_percent: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_files: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    processes: Option<u64>,
}

impl ResourceLimits {
    /// No limit of anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Resident memory, in bytes.
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = Some(bytes);
        self
    }

    /// Processor time, in per cent of one core.
    pub fn cpu_percent(mut self, percent: u64) -> Self {
        self.cpu_percent = Some(percent);
        self
    }

    /// Descriptors of each of its processes.
    pub fn open_files(mut self, files: u64) -> Self {
        self.open_files = Some(files);
        self
    }

    /// Processes at once.
    pub fn processes(mut self, processes: u64) -> Self {
        self.processes = Some(processes);
        self
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        let numbers = [
            ("memory_bytes", self.memory_bytes),
            ("cpu_percent", self.cpu_percent),
            ("open_files", self.open_files),
            ("processes", self.processes),
        ];
        numbers.into_iter().filter_map(|(name, value)| outside(&format!("limits.{name}"), value, 1..=MOST)).collect()
    }
}

/// How the host is to treat requests to some paths below the route: a last segment `*` stands for one or more segments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PathRule {
    path: String,
    #[serde(flatten)]
    limits: PathLimits,
}

impl PathRule {
    /// A rule for `path`, which begins with a slash.
    pub fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), limits: PathLimits::default() }
    }

    /// How long it may take until an answer begins; then the caller gets 504.
    pub fn first_byte_timeout(mut self, time: Duration) -> Self {
        self.limits.first_byte_timeout_ms = Some(millis(time));
        self
    }

    /// How long nothing may come of an answer that has begun; zero: any time.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.limits.idle_timeout_ms = Some(millis(time));
        self
    }

    /// The longest body; a longer one gets 413.
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_body_bytes = Some(bytes);
        self
    }
}

/// How the host is to treat requests; an administrator may say otherwise.
///
/// ```
/// use std::time::Duration;
/// use toru_plugin_api::{HttpLimits, PathRule};
///
/// let http = HttpLimits::new()
///     .concurrency(4)
///     .path(PathRule::new("/report/*").first_byte_timeout(Duration::from_secs(300)));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HttpLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    concurrency: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue_timeout_ms: Option<u64>,
    #[serde(flatten)]
    limits: PathLimits,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    paths: Vec<PathRule>,
}

impl HttpLimits {
    /// All as the host has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many requests it has at once, until their answers are complete.
    pub fn concurrency(mut self, requests: u64) -> Self {
        self.concurrency = Some(requests);
        self
    }

    /// How many more wait for their turn; then 503.
    pub fn queue(mut self, requests: u64) -> Self {
        self.queue = Some(requests);
        self
    }

    /// How long one waits for its turn; then 503.
    pub fn queue_timeout(mut self, time: Duration) -> Self {
        self.queue_timeout_ms = Some(millis(time));
        self
    }

    /// How long it may take until an answer begins; then the caller gets 504.
    pub fn first_byte_timeout(mut self, time: Duration) -> Self {
        self.limits.first_byte_timeout_ms = Some(millis(time));
        self
    }

    /// How long nothing may come of an answer that has begun; zero: any time.
    pub fn idle_timeout(mut self, time: Duration) -> Self {
        self.limits.idle_timeout_ms = Some(millis(time));
        self
    }

    /// The longest body; a longer one gets 413.
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.limits.max_body_bytes = Some(bytes);
        self
    }

    /// Adds a rule; the first one that matches counts.
    pub fn path(mut self, rule: PathRule) -> Self {
        self.paths.push(rule);
        self
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        let mut problems: Vec<_> = [
            outside("http.concurrency", self.concurrency, 1..=1024),
            outside("http.queue", self.queue, 0..=100_000),
            outside("http.queue_timeout_ms", self.queue_timeout_ms, 0..=3_600_000),
        ]
        .into_iter()
        .flatten()
        .collect();
        problems.extend(self.limits.problems("http"));
        if self.paths.len() > MOST_RULES {
            problems.push(format!("http.paths has more than {MOST_RULES} rules"));
        }
        for rule in &self.paths {
            problems.extend(rule.limits.problems(&format!("the rule for {}:", rule.path)));
            if !rule.path.starts_with('/') {
                problems.push(format!("the path {:?} of a rule does not begin with a slash", rule.path));
            }
        }
        problems
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
struct PathLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_body_bytes: Option<u64>,
}

impl PathLimits {
    fn problems(&self, of: &str) -> Vec<String> {
        [
            outside(&format!("{of} first_byte_timeout_ms"), self.first_byte_timeout_ms, 1..=3_600_000),
            outside(&format!("{of} idle_timeout_ms"), self.idle_timeout_ms, 0..=86_400_000),
            outside(&format!("{of} max_body_bytes"), self.max_body_bytes, 0..=MOST),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

fn outside(name: &str, value: Option<u64>, range: RangeInclusive<u64>) -> Option<String> {
    let value = value.filter(|value| !range.contains(value))?;
    Some(format!("{name} {value} is not from {} to {}", range.start(), range.end()))
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{HttpLimits, PathRule, ResourceLimits};
    use crate::PluginMetadata;
    use serde_json::{Value, from_str, to_value};
    use std::time::Duration;

    fn least() -> PluginMetadata {
        PluginMetadata::new("acme", "Acme", "1.2.0", "A", "/acme")
    }

    // [META-1] [LANG-1]
    #[test]
    fn limits_are_as_every_sdk_writes_them() {
        let limits = ResourceLimits::new().memory_bytes(268_435_456).cpu_percent(50).open_files(256).processes(8);
        let report = PathRule::new("/report/*")
            .first_byte_timeout(Duration::from_secs(300))
            .idle_timeout(Duration::from_secs(600));
        let http = HttpLimits::new()
            .concurrency(4)
            .queue(16)
            .queue_timeout(Duration::from_secs(2))
            .first_byte_timeout(Duration::from_secs(60))
            .idle_timeout(Duration::ZERO)
            .max_body_bytes(100_000)
            .path(report)
            .path(PathRule::new("/upload").max_body_bytes(1_000_000_000));
        let metadata = least().limits(limits).http(http);
        let vector = include_str!("../../../contracts/vectors/metadata/limits.json");
        assert!(metadata.problems().is_empty());
        assert_eq!(to_value(&metadata).unwrap(), from_str::<Value>(vector).unwrap());
    }

    // [META-1]
    #[test]
    fn limits_that_the_host_would_refuse_are_named() {
        let http = HttpLimits::new().concurrency(0).queue_timeout(Duration::MAX);
        let http = http.path(PathRule::new("a").first_byte_timeout(Duration::ZERO).max_body_bytes(u64::MAX));
        let wrong = least().limits(ResourceLimits::new().processes(0)).http(http);
        assert_eq!(wrong.problems().len(), 6, "{:?}", wrong.problems());
        let rules = (0..65).fold(HttpLimits::new(), |http, _| http.path(PathRule::new("/")));
        assert_eq!(least().http(rules).problems().len(), 1);
    }
}
