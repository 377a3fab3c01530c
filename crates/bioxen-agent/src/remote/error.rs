//! Answers that are no answer to what was asked.

use bioxen_core::VmError;
use thiserror::Error;

use crate::connection::EndStatus;
use crate::frame::OpId;
use crate::message::{Answer, MessageError, Request};

/// Why what came back is not an answer to what was asked.
///
/// It comes as the source of [`VmError::Backend`].
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// It cannot be read; the operation was done, or refused, all the same.
    #[error("the answer to operation {op} cannot be read")]
    Unreadable {
        /// The operation.
        op: OpId,
        /// What is wrong with the answer.
        source: MessageError,
    },
    /// There is none.
    #[error(
        "operation {op} ended with {status} and without an answer{}",
        because(stderr)
    )]
    Absent {
        /// The operation.
        op: OpId,
        /// How it ended.
        status: EndStatus,
        /// The first line that it wrote to standard error; empty if there is none.
        stderr: String,
    },
    /// It answers something else.
    #[error("{verb} was answered with {kind}")]
    Other {
        /// What was asked.
        verb: &'static str,
        /// What was answered.
        kind: &'static str,
    },
}

fn because(stderr: &str) -> String {
    if stderr.is_empty() {
        String::new()
    } else {
        format!(": {stderr}")
    }
}

/// What `take` finds in an answer, or why there is nothing to take.
pub(super) fn outcome<T>(
    request: &Request,
    answer: Answer,
    take: impl FnOnce(Answer) -> Option<T>,
) -> Result<T, VmError> {
    if let Answer::Refused(refusal) = answer {
        return Err(refusal.into());
    }
    let kind = answer.kind();
    take(answer).ok_or_else(|| VmError::Backend {
        context: "the agent answered something else",
        source: Box::new(AnswerError::Other {
            verb: request.verb(),
            kind,
        }),
    })
}

/// Takes the value of one kind of answer.
macro_rules! only {
    ($kind:path) => {
        |answer| match answer {
            $kind(value) => Some(value),
            _ => None,
        }
    };
}
pub(super) use only;
