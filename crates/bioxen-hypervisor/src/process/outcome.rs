//! What a program leaves behind: its value as JSON, its output, and why it failed.

use bioxen_core::{ProcessFailure, ProcessFailureKind, ProcessReport, SimTime};
use starlark::values::dict::DictRef;
use starlark::values::list::ListRef;
use starlark::values::structs::StructRef;
use starlark::values::tuple::TupleRef;
use starlark::values::{Heap, Value};

use super::fault::Fault;

/// Deepest result, in levels.
pub(super) const MAX_RESULT_NESTING: usize = 100;

/// Longest message of a failure and longest error output, bytes.
const LONGEST_MESSAGE: usize = 500;
const LONGEST_STDERR: usize = 16 << 10;

/// The end of one run.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// JSON of the last value, unless that is `None`.
    pub(super) result_json: Option<String>,
    pub(super) stdout: String,
    pub(super) failure: Option<Failure>,
    pub(super) steps: u64,
}

/// Why a run ended early.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: ProcessFailureKind,
    pub(super) message: String,
    pub(super) line: Option<u32>,
    /// The error with its place in the source.
    pub(super) traceback: String,
    pub(super) hint: Option<String>,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self {
            kind: fault.kind(),
            message: fault.to_string(),
            line: fault.line(),
            traceback: format!("error: {fault}"),
            hint: fault.hint(),
        }
    }
}

impl Outcome {
    /// A run of which nothing is known but why it ended.
    pub(super) fn lost(fault: Fault) -> Self {
        Self {
            failure: Some(fault.into()),
            ..Self::default()
        }
    }

    pub(super) fn into_report(self, started_at: SimTime, ended_at: SimTime) -> ProcessReport {
        let stderr = self
            .failure
            .as_ref()
            .map_or_else(String::new, Failure::stderr);
        ProcessReport {
            success: self.failure.is_none(),
            result_json: self.result_json,
            stdout: self.stdout,
            stderr,
            failure: self.failure.map(|failure| ProcessFailure {
                kind: failure.kind,
                message: one_line(&failure.message),
                line: failure.line,
            }),
            started_at,
            ended_at,
            steps: self.steps,
        }
    }
}

impl Failure {
    fn stderr(&self) -> String {
        let mut text = cut(self.traceback.trim_end(), LONGEST_STDERR);
        text.push('\n');
        if let Some(hint) = &self.hint {
            text.push_str("hint: ");
            text.push_str(hint);
            text.push('\n');
        }
        text
    }
}

fn one_line(message: &str) -> String {
    cut(message.lines().next().unwrap_or_default(), LONGEST_MESSAGE)
}

fn cut(text: &str, longest: usize) -> String {
    if text.len() <= longest {
        return text.to_owned();
    }
    let end = (0..=longest)
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0);
    format!("{}...", &text[..end])
}

/// Writes a value as JSON in at most `room` bytes. NaN and infinities become null, tuples and sets become lists, and
/// keys that are numbers or truth values become their text.
pub(super) fn to_json<'v>(
    value: Value<'v>,
    heap: Heap<'v>,
    room: usize,
    limit: u64,
) -> Result<String, Fault> {
    let mut writer = JsonWriter {
        out: String::new(),
        heap,
        room,
        limit,
    };
    writer.value(value, 0)?;
    Ok(writer.out)
}

struct JsonWriter<'v> {
    out: String,
    heap: Heap<'v>,
    room: usize,
    limit: u64,
}

impl<'v> JsonWriter<'v> {
    fn push(&mut self, text: &str) -> Result<(), Fault> {
        if self.out.len() + text.len() > self.room {
            return Err(Fault::Output { limit: self.limit });
        }
        self.out.push_str(text);
        Ok(())
    }

    fn value(&mut self, value: Value<'v>, depth: usize) -> Result<(), Fault> {
        if depth > MAX_RESULT_NESTING {
            return Err(Fault::ResultNesting);
        }
        if let Some(list) = ListRef::from_value(value) {
            return self.list(list.content().iter().copied(), depth);
        }
        if let Some(tuple) = TupleRef::from_value(value) {
            return self.list(tuple.content().iter().copied(), depth);
        }
        if let Some(dict) = DictRef::from_value(value) {
            let entries: Vec<(Value<'v>, Value<'v>)> = dict.iter().collect();
            return self.object(
                entries
                    .into_iter()
                    .map(|(key, value)| (key_text(key), value)),
                depth,
            );
        }
        if let Some(fields) = StructRef::from_value(value) {
            return self.object(
                fields
                    .iter()
                    .map(|(key, value)| (Ok(key.as_str().to_owned()), value)),
                depth,
            );
        }
        match value.get_type() {
            "NoneType" | "bool" | "int" | "float" | "string" => {
                let text = value.to_json().map_err(|error| Fault::Result {
                    reason: error.to_string(),
                })?;
                self.push(&text)
            }
            "set" | "range" => {
                let items = value.iterate(self.heap).map_err(|error| Fault::Result {
                    reason: error.to_string(),
                })?;
                self.list(items, depth)
            }
            other => Err(Fault::Result {
                reason: format!("a value of type {other} has no JSON form"),
            }),
        }
    }

    fn list(&mut self, items: impl Iterator<Item = Value<'v>>, depth: usize) -> Result<(), Fault> {
        self.push("[")?;
        for (n, item) in items.enumerate() {
            if n > 0 {
                self.push(",")?;
            }
            self.value(item, depth + 1)?;
        }
        self.push("]")
    }

    fn object(
        &mut self,
        entries: impl Iterator<Item = (Result<String, Fault>, Value<'v>)>,
        depth: usize,
    ) -> Result<(), Fault> {
        self.push("{")?;
        for (n, (key, value)) in entries.enumerate() {
            if n > 0 {
                self.push(",")?;
            }
            self.push(&serde_json::Value::String(key?).to_string())?;
            self.push(":")?;
            self.value(value, depth + 1)?;
        }
        self.push("}")
    }
}

fn key_text(key: Value<'_>) -> Result<String, Fault> {
    match key.get_type() {
        "string" => Ok(key.unpack_str().unwrap_or_default().to_owned()),
        "int" | "float" | "bool" => Ok(key.to_str()),
        other => Err(Fault::Result {
            reason: format!("a key of type {other} has no JSON form"),
        }),
    }
}
