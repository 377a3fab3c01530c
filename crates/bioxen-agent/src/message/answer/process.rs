//! The report of a process, whose texts are beside the JSON.

use bioxen_core::{ProcessFailure, ProcessReport, SimTime};
use serde::{Deserialize, Serialize};

use crate::message::MessageError;
use crate::message::wire;

/// A report without its texts, which are the body: standard output, standard error and the result, in this order.
#[derive(Serialize, Deserialize)]
pub(super) struct ReportWire {
    success: bool,
    stdout_bytes: u64,
    stderr_bytes: u64,
    /// `None` if there is no result, which is not the same as an empty one.
    result_bytes: Option<u64>,
    #[serde(default, with = "wire")]
    failure: Option<ProcessFailure>,
    #[serde(rename = "started_at_us", with = "wire")]
    started_at: SimTime,
    #[serde(rename = "ended_at_us", with = "wire")]
    ended_at: SimTime,
    steps: u64,
}

impl ReportWire {
    pub(super) fn split(report: &ProcessReport) -> (Self, Vec<u8>) {
        let ProcessReport {
            success,
            result_json,
            stdout,
            stderr,
            failure,
            started_at,
            ended_at,
            steps,
        } = report;
        let result = result_json.as_deref();
        let mirror = Self {
            success: *success,
            stdout_bytes: length(stdout),
            stderr_bytes: length(stderr),
            result_bytes: result.map(length),
            failure: failure.clone(),
            started_at: *started_at,
            ended_at: *ended_at,
            steps: *steps,
        };
        let texts = [stdout.as_str(), stderr.as_str(), result.unwrap_or_default()];
        (mirror, texts.concat().into_bytes())
    }

    pub(super) fn join(self, body: &[u8]) -> Result<ProcessReport, MessageError> {
        let Self {
            success,
            stdout_bytes,
            stderr_bytes,
            result_bytes,
            failure,
            started_at,
            ended_at,
            steps,
        } = self;
        let (stdout, rest) = cut(body, stdout_bytes, "stdout_bytes")?;
        let (stderr, rest) = cut(rest, stderr_bytes, "stderr_bytes")?;
        let (result, rest) = cut(rest, result_bytes.unwrap_or_default(), "result_bytes")?;
        if !rest.is_empty() {
            let length = body.len();
            let of = "process";
            return Err(MessageError::Body { of, length });
        }
        Ok(ProcessReport {
            success,
            result_json: result_bytes.map(|_| result),
            stdout,
            stderr,
            failure,
            started_at,
            ended_at,
            steps,
        })
    }
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).expect("memory has fewer than 2^64 bytes")
}

/// The first `length` bytes as text, and the rest.
fn cut<'a>(body: &'a [u8], length: u64, field: &str) -> Result<(String, &'a [u8]), MessageError> {
    let parts = usize::try_from(length)
        .ok()
        .and_then(|length| body.split_at_checked(length));
    let Some((text, rest)) = parts else {
        let problem = format!("{length} bytes are announced and {} are left", body.len());
        return Err(MessageError::unreadable(field, problem));
    };
    let text =
        std::str::from_utf8(text).map_err(|error| MessageError::unreadable("body", error))?;
    Ok((text.to_owned(), rest))
}
