//! What happened in all guests that run, as one list.

use std::collections::BTreeMap;

use bioxen_agent::{Answer, Event, EventNumber, PageSize, Request};
use bioxen_core::{VmError, VmId};

use super::PoolChannel;
use crate::xapi::PowerState;

/// How far each agent was asked, and how far the list that was made of them goes.
///
/// Agents number what happens to them each by itself; the list has numbers of its own, which hold for as long as the channel does.
#[derive(Debug, Default)]
pub(super) struct Events {
    asked: BTreeMap<VmId, EventNumber>,
    last: u64,
}

impl Events {
    pub(super) fn forget(&mut self, vm: &VmId) {
        self.asked.remove(vm);
    }
}

impl PoolChannel {
    /// What happened since the last time that this was asked, or, from the beginning, all that the agents have kept.
    pub(super) fn events(
        &mut self,
        since: EventNumber,
        limit: PageSize,
    ) -> Result<Answer, VmError> {
        if since == EventNumber::NONE {
            self.events = Events::default();
        }
        let mut all: Vec<(VmId, Event)> = Vec::new();
        for (guest, record) in self.guests()? {
            if record.power_state != PowerState::Running {
                continue;
            }
            let asked = self.events.asked.get(&guest.id).copied();
            let request = Request::Events {
                since: asked.unwrap_or(EventNumber::NONE),
                limit,
            };
            match self.line(&guest.id).and_then(|line| line.call(&request)) {
                Ok(Answer::Events(events)) => {
                    all.extend(events.into_iter().map(|event| (guest.id.clone(), event)));
                }
                Ok(_) => {}
                Err(VmError::Cancelled) => return Err(VmError::Cancelled),
                Err(error) => tracing::warn!(vm = %guest.id, %error, "its events are not known"),
            }
        }
        all.sort_by(|(a, x), (b, y)| (x.at, a, x.number).cmp(&(y.at, b, y.number)));
        all.truncate(usize::try_from(limit.get()).unwrap_or(usize::MAX));
        let mut list = Vec::with_capacity(all.len());
        for (vm, mut event) in all {
            self.events.asked.insert(vm, event.number);
            self.events.last += 1;
            event.number = EventNumber::new(self.events.last);
            list.push(event);
        }
        Ok(Answer::Events(list))
    }
}
