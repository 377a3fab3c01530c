//! What is known of a cell whose guest is off.

use bioxen_agent::{Answer, Inspection, PageSize, VmRequest};
use bioxen_core::{Operation, Organism, VmError, VmEvent, VmId, VmState};

use super::{PoolChannel, unkept};
use crate::pool::Guest;
use crate::xapi::{PowerState, VmRecord};

/// A cell as its agent told before it ended: it stands still, so that this stays true until the next start.
#[derive(Debug)]
pub(super) struct Rested {
    inspection: Inspection,
    /// Answers by verb.
    answers: Vec<(VmRequest, Answer)>,
}

impl Rested {
    /// Asks for all that can be asked of a cell that stands still.
    pub(super) fn read(
        mut ask: impl FnMut(&VmRequest) -> Result<Answer, VmError>,
    ) -> Result<Self, VmError> {
        let Answer::Inspection(inspection) = ask(&VmRequest::Inspect)? else {
            return Err(VmError::Backend {
                context: "the agent answered something else",
                source: "an inspection was asked for".into(),
            });
        };
        let questions = [
            VmRequest::Metrics,
            VmRequest::Usage,
            VmRequest::Available,
            VmRequest::EssentialGenes,
            VmRequest::Packages,
            VmRequest::PlasmidCount,
            VmRequest::Save,
            VmRequest::History(PageSize::MAX),
        ];
        let mut answers = Vec::with_capacity(questions.len());
        for question in questions {
            let answer = ask(&question)?;
            answers.push((question, answer));
        }
        Ok(Self {
            inspection: *inspection,
            answers,
        })
    }

    pub(super) fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Whether a VM is still as it was: another program may have started and stopped it since.
    fn is_of(&self, kept: &Inspection) -> bool {
        let (then, now) = (&self.inspection, kept);
        (
            then.status.sim_time,
            then.status.generation,
            then.status.quota,
        ) == (now.status.sim_time, now.status.generation, now.status.quota)
            && then.packages == now.packages
    }

    fn answer(&self, ask: &VmRequest) -> Option<Answer> {
        if let VmRequest::History(limit) = ask {
            let all = self.answers.iter().find_map(|(_, answer)| match answer {
                Answer::History(readings) => Some(readings),
                _ => None,
            })?;
            let limit = usize::try_from(limit.get()).unwrap_or(usize::MAX);
            return Some(Answer::History(
                all[all.len().saturating_sub(limit)..].to_vec(),
            ));
        }
        let found = self.answers.iter().find(|(question, _)| question == ask);
        found.map(|(_, answer)| answer.clone())
    }
}

impl PoolChannel {
    /// Answers for a guest that is off.
    pub(super) fn ask_rested(
        &mut self,
        guest: &Guest,
        record: &VmRecord,
        ask: &VmRequest,
    ) -> Result<Answer, VmError> {
        if record.power_state == PowerState::Halted
            && let Some(rested) = self.rested.get(&guest.id)
            && rested.is_of(&guest.kept(record).map_err(unkept)?)
            && let Some(answer) = rested.answer(ask)
        {
            return Ok(answer);
        }
        let status = match record.power_state {
            PowerState::Suspended | PowerState::Paused => None,
            PowerState::Halted | PowerState::Running => Some(self.inspection(guest, record)?),
        };
        let state = status.map_or(VmState::Paused, |inspection| inspection.status.state);
        if let VmRequest::Packages = ask {
            let kept = guest.kept(record).map_err(unkept)?;
            return Ok(Answer::Packages(kept.packages));
        }
        Err(refusal(guest.id.clone(), guest.organism, state, ask))
    }
}

/// Why a cell that is not at hand does not do what is asked: what no state allows comes first, as with every VM.
pub(super) fn refusal(id: VmId, organism: Organism, state: VmState, ask: &VmRequest) -> VmError {
    let possible = match ask {
        VmRequest::Pause => state.apply(VmEvent::Pause).map(drop).map_err(VmError::from),
        VmRequest::Resume => state
            .apply(VmEvent::Resume)
            .map(drop)
            .map_err(VmError::from),
        VmRequest::Stop => state.apply(VmEvent::Stop).map(drop).map_err(VmError::from),
        VmRequest::StartTranscription(_) => organism.require(Operation::StartTranscription),
        VmRequest::ManageOperons { .. } => organism.require(Operation::ManageOperons),
        VmRequest::PlasmidCount => organism.require(Operation::PlasmidCount),
        _ => Ok(()),
    };
    possible.err().unwrap_or(VmError::NotRunning {
        id,
        state,
        operation: operation(ask),
    })
}

/// Words for a verb that read after "cannot".
pub(super) fn operation(ask: &VmRequest) -> &'static str {
    match ask {
        VmRequest::Start => "start",
        VmRequest::Pause => "pause",
        VmRequest::Resume => "resume",
        VmRequest::Stop => "stop",
        VmRequest::Destroy => "destroy",
        VmRequest::Advance(_) => "advance",
        VmRequest::Run { .. } => "run to a goal",
        VmRequest::Execute { .. } => "run a process",
        VmRequest::Install(_) => "install a package",
        VmRequest::Remove(_) => "remove a package",
        VmRequest::Packages => "list packages",
        VmRequest::Status => "read the status",
        VmRequest::Metrics => "read metrics",
        VmRequest::Allocate(_) => "allocate",
        VmRequest::Usage => "read the usage",
        VmRequest::Available => "read what is free",
        VmRequest::Save => "save",
        VmRequest::Restore(_) => "restore",
        VmRequest::EssentialGenes => "list essential genes",
        VmRequest::StartTranscription(_) => "start transcription",
        VmRequest::ManageOperons { .. } => "manage operons",
        VmRequest::PlasmidCount => "count plasmids",
        VmRequest::Inspect => "inspect",
        VmRequest::History(_) => "read the history",
    }
}
