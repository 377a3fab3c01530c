//! Which part of the pool takes a message.

use super::Pool;
use super::call::Request;
use super::job::Step;
use crate::xapi::failure::Failure;
use crate::xapi::model::Kind;
use crate::xapi::value::Value;

impl Pool {
    /// Whether a message is played as a job, and may take time even if nobody asked for a task.
    pub(super) fn is_work(&self, request: &Request) -> bool {
        match request.class.as_str() {
            "VM" | "VDI" | "VBD" | "VIF" => {
                matches!(request.kind, Kind::Custom | Kind::Create | Kind::Destroy)
            }
            _ => false,
        }
    }

    /// Begins a message: most are over at once.
    pub(super) fn begin(&mut self, request: &Request, task: &str) -> Result<Step, Failure> {
        self.check_handles(request)?;
        let is_own = matches!(request.kind, Kind::Custom | Kind::Create | Kind::Destroy);
        match request.class.as_str() {
            "session" if is_own => self.session_message(request),
            "task" if request.kind == Kind::Custom => self.task_message(request, task),
            "event" => self.event_message(request),
            "VM" if is_own || matches!(request.kind, Kind::Set(_)) => {
                self.vm_message(request, task)
            }
            "VIF" if is_own => self.vif_message(request),
            "VBD" if is_own => self.vbd_message(request),
            "VDI" if is_own => self.vdi_message(request),
            "SR" if request.kind == Kind::Custom => self.sr_message(request),
            "host" if request.kind == Kind::Custom => self.host_message(request),
            "pool" if request.kind == Kind::Custom => self.pool_message(request),
            "network" if matches!(request.kind, Kind::Create | Kind::Destroy) => {
                self.network_message(request)
            }
            _ => self.generic_message(request),
        }
    }

    /// Every message on an object begins with whether the object is there.
    fn check_handles(&self, request: &Request) -> Result<(), Failure> {
        let Some(message) = self
            .store
            .model
            .class(&request.class)
            .and_then(|class| class.messages.get(&request.name))
        else {
            return Ok(());
        };
        let Some(first) = message.params.first() else {
            return Ok(());
        };
        let is_self = matches!(first.kind, crate::xapi::model::Type::Ref)
            && (first.name == "self"
                || first.name.eq_ignore_ascii_case(&request.class)
                || first.name == "snapshot");
        match request.args.first() {
            Some(Value::Text(reference)) if is_self => {
                if self.store.has(&request.class, reference) {
                    Ok(())
                } else {
                    Err(Failure::handle(&request.class, reference))
                }
            }
            _ => Ok(()),
        }
    }
}
