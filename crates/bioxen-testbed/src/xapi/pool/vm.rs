//! Virtual machines: which operation may be done, and what it does.

mod check;
mod copy;
mod life;
mod limits;
mod snapshot;

use super::Pool;
use super::call::Request;
use super::job::Step;
use crate::xapi::failure::Failure;
use crate::xapi::model::Kind;
use crate::xapi::spec::ShutdownHabit;
use crate::xapi::value::{NULL, Value};

pub(super) use check::Operation;
pub(super) use limits::memory_overhead;

/// Work on a VM that takes time; what it does is done at its end.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Start {
        vm: String,
        host: String,
        paused: bool,
    },
    Resume {
        vm: String,
        host: String,
        paused: bool,
    },
    Pause {
        vm: String,
    },
    Unpause {
        vm: String,
    },
    /// A guest is asked to shut down; it may be powered off if it does not.
    CleanShutdown {
        vm: String,
        habit: ShutdownHabit,
        or_hard: bool,
    },
    CleanReboot {
        vm: String,
        habit: ShutdownHabit,
    },
    HardShutdown {
        vm: String,
    },
    HardReboot {
        vm: String,
    },
    Suspend {
        vm: String,
    },
    Clone {
        vm: String,
        name: String,
        storage: Option<String>,
    },
    Snapshot {
        vm: String,
        name: String,
        skip: Vec<String>,
    },
    Checkpoint {
        vm: String,
        name: String,
    },
    Revert {
        snapshot: String,
        vm: String,
    },
    Provision {
        vm: String,
    },
    Destroy {
        vm: String,
    },
}

impl Work {
    pub(super) fn can_be_cancelled(&self) -> bool {
        !matches!(
            self,
            Self::HardShutdown { .. }
                | Self::Pause { .. }
                | Self::Unpause { .. }
                | Self::Destroy { .. }
                | Self::Revert { .. }
        )
    }
}

impl Pool {
    pub(super) fn vm_message(&mut self, request: &Request, task: &str) -> Result<Step, Failure> {
        match &request.kind {
            Kind::Set(field) if field == "is_a_template" => return self.set_is_a_template(request),
            Kind::Set(_) => return self.generic_message(request),
            Kind::Create => return self.create_vm(request),
            _ => {}
        }
        let vm = request.text(0).to_owned();
        let flag = |at: usize| request.arg(at).as_bool();
        match request.name.as_str() {
            "start" => self.begin_start(&vm, None, flag(1), task),
            "start_on" => self.begin_start(&vm, Some(request.text(1)), flag(2), task),
            "resume" => self.begin_resume(&vm, None, flag(1), task),
            "resume_on" => self.begin_resume(&vm, Some(request.text(1)), flag(2), task),
            "pause" => self.work(Operation::Pause, task, Work::Pause { vm }),
            "unpause" => self.work(Operation::Unpause, task, Work::Unpause { vm }),
            "clean_shutdown" | "shutdown" | "clean_reboot" => {
                self.begin_clean(&vm, &request.name, task)
            }
            "hard_shutdown" => self.begin_hard_shutdown(&vm, task),
            "hard_reboot" => self.work(Operation::HardReboot, task, Work::HardReboot { vm }),
            "suspend" => self.work(Operation::Suspend, task, Work::Suspend { vm }),
            "clone" => {
                let name = request.text(1).to_owned();
                let storage = None;
                self.work(Operation::Clone, task, Work::Clone { vm, name, storage })
            }
            "copy" => self.begin_copy(request, task),
            "snapshot" => {
                let name = request.text(1).to_owned();
                let skip = request.arg(2).as_set().iter();
                let skip = skip.map(|vdi| vdi.as_text().to_owned()).collect();
                self.work(Operation::Snapshot, task, Work::Snapshot { vm, name, skip })
            }
            "checkpoint" => {
                let name = request.text(1).to_owned();
                self.work(Operation::Checkpoint, task, Work::Checkpoint { vm, name })
            }
            "revert" => self.begin_revert(&vm, task),
            "provision" => self.work(Operation::Provision, task, Work::Provision { vm }),
            "destroy" => self.work(Operation::Destroy, task, Work::Destroy { vm }),
            "power_state_reset" => {
                self.halt(&vm)?;
                Ok(Step::Done(Value::void()))
            }
            name => {
                let value = self.vm_now(request, &vm, name)?;
                self.refresh_vm(&vm);
                Ok(Step::Done(value))
            }
        }
    }

    /// Messages that are over at once.
    fn vm_now(&mut self, request: &Request, vm: &str, name: &str) -> Result<Value, Failure> {
        Ok(match name {
            "get_possible_hosts" => Value::texts(self.possible_hosts(vm)?),
            "assert_can_boot_here" => {
                self.check_host_for(vm, request.text(1))?;
                Value::void()
            }
            "assert_operation_valid" => {
                if let Some(operation) = Operation::named(request.text(1)) {
                    self.check_operation(vm, operation)?;
                }
                Value::void()
            }
            "update_allowed_operations" => Value::void(),
            "get_allowed_VIF_devices" => self.allowed_vif_devices(vm)?,
            "get_allowed_VBD_devices" => Value::texts(self.allowed_vbd_devices(vm)?),
            "compute_memory_overhead" => Value::Int(self.store.int("VM", vm, "memory_overhead")?),
            "get_cooperative" => Value::Bool(true),
            "add_to_other_config" | "remove_from_other_config" | "set_other_config" => {
                self.map_message(request, "other_config")?;
                Value::void()
            }
            "add_to_platform" | "remove_from_platform" | "set_platform" => {
                self.map_message(request, "platform")?;
                Value::void()
            }
            "add_to_blocked_operations"
            | "remove_from_blocked_operations"
            | "set_blocked_operations" => {
                self.map_message(request, "blocked_operations")?;
                Value::void()
            }
            "set_start_delay"
            | "set_shutdown_delay"
            | "set_order"
            | "set_has_vendor_device"
            | "set_actions_after_crash"
            | "set_ha_restart_priority"
            | "set_suspend_VDI"
            | "set_domain_type"
            | "set_HVM_boot_policy"
            | "set_HVM_shadow_multiplier"
            | "set_ha_always_run"
            | "set_is_default_template" => {
                let field = name.trim_start_matches("set_");
                self.store.set("VM", vm, field, request.arg(1).clone())?;
                Value::void()
            }
            _ => match self.limits_message(request, vm, name)? {
                Some(value) => value,
                None => return Err(Self::not_simulated(request)),
            },
        })
    }

    /// Begins work on a VM, if the operation may be done.
    pub(super) fn work(
        &mut self,
        operation: Operation,
        task: &str,
        work: Work,
    ) -> Result<Step, Failure> {
        let vm = work.vm().to_owned();
        self.check_operation(&vm, operation)?;
        let takes = self.takes(&work)?;
        self.lock(&vm, task, operation.name())?;
        Ok(Step::Work {
            takes,
            work,
            locked: vec![vm],
        })
    }

    /// Does what work comes to.
    pub(super) fn finish(&mut self, work: Work, task: &str) -> Result<Step, Failure> {
        let value = match work {
            Work::Start { vm, host, paused } => {
                self.power_on(&vm, &host, paused, false)?;
                Value::void()
            }
            Work::Resume { vm, host, paused } => {
                self.power_on(&vm, &host, paused, true)?;
                Value::void()
            }
            Work::Pause { vm } => {
                self.set_paused(&vm, true)?;
                Value::void()
            }
            Work::Unpause { vm } => {
                self.set_paused(&vm, false)?;
                Value::void()
            }
            Work::CleanShutdown { vm, habit, or_hard } => {
                return self.end_clean_shutdown(&vm, habit, or_hard);
            }
            Work::CleanReboot { vm, habit } => {
                self.check_shutdown(&vm, habit)?;
                self.reboot(&vm)?;
                Value::void()
            }
            Work::HardShutdown { vm } => {
                self.halt(&vm)?;
                Value::void()
            }
            Work::HardReboot { vm } => {
                self.reboot(&vm)?;
                Value::void()
            }
            Work::Suspend { vm } => {
                self.suspend(&vm)?;
                Value::void()
            }
            Work::Clone { vm, name, storage } => {
                Value::from(self.clone_vm(&vm, &name, storage.as_deref())?)
            }
            Work::Snapshot { vm, name, skip } => {
                Value::from(self.snapshot(&vm, &name, false, &skip)?)
            }
            Work::Checkpoint { vm, name } => Value::from(self.snapshot(&vm, &name, true, &[])?),
            Work::Revert { snapshot, vm } => {
                self.revert(&snapshot, &vm, task)?;
                Value::void()
            }
            Work::Provision { vm } => {
                self.provision(&vm)?;
                Value::void()
            }
            Work::Destroy { vm } => {
                self.destroy_vm(&vm)?;
                Value::void()
            }
        };
        Ok(Step::Done(value))
    }

    fn set_is_a_template(&mut self, request: &Request) -> Result<Step, Failure> {
        let vm = request.text(0);
        let wanted = request.arg(1).as_bool();
        if wanted {
            self.check_operation(vm, Operation::MakeIntoTemplate)?;
        } else {
            let metrics = self.store.text("VM", vm, "metrics")?;
            if self.store.has("VM_metrics", &metrics) {
                let date = self.date();
                self.store
                    .set("VM_metrics", &metrics, "install_time", date)?;
            }
        }
        self.store.set("VM", vm, "is_a_template", wanted)?;
        self.refresh_vm(vm);
        Ok(Step::Done(Value::void()))
    }

    fn create_vm(&mut self, request: &Request) -> Result<Step, Failure> {
        let given = request.arg(0).to_map();
        let metrics = self.new_vm_metrics()?;
        let mut other = given
            .get("other_config")
            .map(Value::to_map)
            .unwrap_or_default();
        if !other.contains_key("mac_seed") {
            let seed = self.store.random().uuid();
            other.insert("mac_seed".to_owned(), Value::from(seed));
        }
        let more = [
            ("metrics", Value::from(metrics)),
            ("domid", Value::Int(-1)),
            ("power_state", Value::from("Halted")),
            ("resident_on", Value::from(NULL)),
            ("other_config", Value::Map(other)),
        ];
        let fields = given
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let vm = self.store.insert("VM", fields.chain(more))?;
        self.refresh_vm(&vm);
        Ok(Step::Done(Value::from(vm)))
    }
}

impl Work {
    /// The VM that is locked meanwhile.
    fn vm(&self) -> &str {
        match self {
            Self::Start { vm, .. }
            | Self::Resume { vm, .. }
            | Self::Pause { vm }
            | Self::Unpause { vm }
            | Self::CleanShutdown { vm, .. }
            | Self::CleanReboot { vm, .. }
            | Self::HardShutdown { vm }
            | Self::HardReboot { vm }
            | Self::Suspend { vm }
            | Self::Clone { vm, .. }
            | Self::Snapshot { vm, .. }
            | Self::Checkpoint { vm, .. }
            | Self::Provision { vm }
            | Self::Destroy { vm } => vm,
            Self::Revert { snapshot, .. } => snapshot,
        }
    }
}
