//! The lines of a journal: JSON, one object each.

use bioxen_core::VmId;
use serde::{Deserialize, Serialize};

use super::{Intent, Note};
use crate::value::{Ref, Uuid};

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// The first.
    Begin(Intent),
    /// All others.
    Note(Note),
}

/// How a line looks in the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Wire {
    Create { vm_id: String },
    Destroy { vm: String },
    Compute {},
    Session {},
    Task { task: String },
    Cloned { vm: String },
    Disk { vdi: String },
    LoggedIn { session: String },
    Begun {},
}

impl Line {
    /// The line with its end.
    pub(super) fn write(&self) -> String {
        let wire = match self {
            Self::Begin(Intent::Create { vm_id }) => Wire::Create {
                vm_id: vm_id.to_string(),
            },
            Self::Begin(Intent::Destroy { vm }) => Wire::Destroy { vm: vm.to_string() },
            Self::Begin(Intent::Compute) => Wire::Compute {},
            Self::Begin(Intent::Session) => Wire::Session {},
            Self::Begin(Intent::Task { task }) => Wire::Task {
                task: task.to_string(),
            },
            Self::Note(Note::Cloned(vm)) => Wire::Cloned { vm: vm.to_string() },
            Self::Note(Note::Disk(vdi)) => Wire::Disk {
                vdi: vdi.to_string(),
            },
            Self::Note(Note::Session(session)) => Wire::LoggedIn {
                session: session.to_string(),
            },
            Self::Note(Note::Begun) => Wire::Begun {},
        };
        let mut text = serde_json::to_string(&wire).expect("texts are always JSON");
        text.push('\n');
        text
    }

    /// A line without its end; `None` if it is not one.
    pub(super) fn read(text: &str) -> Option<Self> {
        let uuid = |text: String| Uuid::new(&text).ok();
        Some(match serde_json::from_str(text).ok()? {
            Wire::Create { vm_id } => Self::Begin(Intent::Create {
                vm_id: VmId::new(&vm_id).ok()?,
            }),
            Wire::Destroy { vm } => Self::Begin(Intent::Destroy { vm: uuid(vm)? }),
            Wire::Compute {} => Self::Begin(Intent::Compute),
            Wire::Session {} => Self::Begin(Intent::Session),
            Wire::Task { task } => Self::Begin(Intent::Task {
                task: Ref::new(task)?,
            }),
            Wire::Cloned { vm } => Self::Note(Note::Cloned(uuid(vm)?)),
            Wire::Disk { vdi } => Self::Note(Note::Disk(uuid(vdi)?)),
            Wire::LoggedIn { session } => Self::Note(Note::Session(uuid(session)?)),
            Wire::Begun {} => Self::Note(Note::Begun),
        })
    }
}
