//! Which operation a VM allows, and the refusal of the others in the server's order.

use std::time::Duration;

use super::Work;
use crate::xapi::failure::Failure;
use crate::xapi::pool::Pool;
use crate::xapi::spec::ShutdownHabit;
use crate::xapi::value::Value;

/// An operation on a VM, as the model names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::xapi::pool) enum Operation {
    Snapshot,
    Clone,
    Copy,
    Revert,
    Reverting,
    Checkpoint,
    Provision,
    Start,
    StartOn,
    Pause,
    Unpause,
    CleanShutdown,
    CleanReboot,
    HardShutdown,
    HardReboot,
    Shutdown,
    Suspend,
    Resume,
    ResumeOn,
    ChangingDynamicRange,
    ChangingStaticRange,
    ChangingMemoryLimits,
    ChangingVcpus,
    MakeIntoTemplate,
    Destroy,
}

const HALTED: &[&str] = &["Halted"];
const RUNNING: &[&str] = &["Running"];
const ON: &[&str] = &["Paused", "Suspended", "Running"];
const ALL: &[&str] = &["Halted", "Paused", "Suspended", "Running"];

impl Operation {
    const EACH: [Self; 25] = [
        Self::Snapshot,
        Self::Clone,
        Self::Copy,
        Self::Revert,
        Self::Reverting,
        Self::Checkpoint,
        Self::Provision,
        Self::Start,
        Self::StartOn,
        Self::Pause,
        Self::Unpause,
        Self::CleanShutdown,
        Self::CleanReboot,
        Self::HardShutdown,
        Self::HardReboot,
        Self::Shutdown,
        Self::Suspend,
        Self::Resume,
        Self::ResumeOn,
        Self::ChangingDynamicRange,
        Self::ChangingStaticRange,
        Self::ChangingMemoryLimits,
        Self::ChangingVcpus,
        Self::MakeIntoTemplate,
        Self::Destroy,
    ];

    pub(in crate::xapi::pool) fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Clone => "clone",
            Self::Copy => "copy",
            Self::Revert => "revert",
            Self::Reverting => "reverting",
            Self::Checkpoint => "checkpoint",
            Self::Provision => "provision",
            Self::Start => "start",
            Self::StartOn => "start_on",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::CleanShutdown => "clean_shutdown",
            Self::CleanReboot => "clean_reboot",
            Self::HardShutdown => "hard_shutdown",
            Self::HardReboot => "hard_reboot",
            Self::Shutdown => "shutdown",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::ResumeOn => "resume_on",
            Self::ChangingDynamicRange => "changing_dynamic_range",
            Self::ChangingStaticRange => "changing_static_range",
            Self::ChangingMemoryLimits => "changing_memory_limits",
            Self::ChangingVcpus => "changing_VCPUs",
            Self::MakeIntoTemplate => "make_into_template",
            Self::Destroy => "destroy",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::EACH
            .into_iter()
            .find(|operation| operation.name() == name)
    }

    /// Power states in which it may be done.
    fn states(self, is_snapshot: bool) -> &'static [&'static str] {
        match self {
            Self::Provision
            | Self::Start
            | Self::StartOn
            | Self::ChangingStaticRange
            | Self::ChangingMemoryLimits
            | Self::ChangingVcpus
            | Self::MakeIntoTemplate => HALTED,
            Self::Clone | Self::Copy if is_snapshot => &["Halted", "Suspended"],
            Self::Clone | Self::Copy => HALTED,
            Self::Unpause => &["Paused"],
            Self::Resume | Self::ResumeOn => &["Suspended"],
            Self::CleanReboot | Self::CleanShutdown | Self::Pause | Self::Suspend => RUNNING,
            Self::ChangingDynamicRange => &["Halted", "Running"],
            Self::Destroy => &["Halted", "Suspended"],
            Self::HardReboot => &["Paused", "Running"],
            Self::Checkpoint | Self::HardShutdown | Self::Shutdown => ON,
            Self::Snapshot | Self::Revert | Self::Reverting => ALL,
        }
    }

    fn on_template(self, is_default: bool) -> bool {
        matches!(
            self,
            Self::ChangingDynamicRange
                | Self::ChangingStaticRange
                | Self::ChangingMemoryLimits
                | Self::ChangingVcpus
                | Self::Clone
                | Self::Copy
                | Self::Provision
        ) || (self == Self::Destroy && !is_default)
    }

    fn on_snapshot(self) -> bool {
        matches!(
            self,
            Self::Revert | Self::Clone | Self::Copy | Self::Destroy | Self::HardShutdown
        )
    }

    /// Whether the guest must have told that it can.
    fn needs_features(self) -> bool {
        matches!(
            self,
            Self::CleanShutdown | Self::CleanReboot | Self::Suspend | Self::Checkpoint
        )
    }

    /// Whether it may begin while others are going on.
    fn beside(self, others: &[String]) -> bool {
        let all_of = |set: &[&str]| {
            set.contains(&self.name()) && others.iter().all(|other| set.contains(&other.as_str()))
        };
        all_of(&["clone", "copy", "export"])
            || all_of(&["snapshot", "checkpoint"])
            || (matches!(self, Self::HardShutdown | Self::HardReboot)
                && others.iter().all(|other| {
                    matches!(
                        other.as_str(),
                        "clean_shutdown" | "clean_reboot" | "shutdown" | "reverting"
                    )
                }))
    }
}

impl Pool {
    /// Whether an operation may be done on a VM now.
    pub(in crate::xapi::pool) fn check_operation(
        &self,
        vm: &str,
        operation: Operation,
    ) -> Result<(), Failure> {
        let blocked = self.store.map("VM", vm, "blocked_operations")?;
        if let Some(why) = blocked.get(operation.name()) {
            return Err(Failure::new("OPERATION_BLOCKED", [vm, why.as_text()]));
        }
        let is_snapshot = self.store.flag("VM", vm, "is_a_snapshot")?;
        let state = self.store.text("VM", vm, "power_state")?;
        let allowed = operation.states(is_snapshot);
        if !allowed.contains(&state.as_str()) {
            return Err(bad_power_state(vm, allowed, &state));
        }
        let current = self.store.map("VM", vm, "current_operations")?;
        let others: Vec<String> = current
            .values()
            .map(|other| other.as_text().to_owned())
            .collect();
        if !others.is_empty() && !operation.beside(&others) {
            let braced = |items: Vec<String>| match items.as_slice() {
                [one] => one.clone(),
                _ => format!("{{{}}}", items.join(",")),
            };
            let tasks = current.keys().cloned().collect();
            return Err(Failure::new(
                "OTHER_OPERATION_IN_PROGRESS",
                [
                    "VM".to_owned(),
                    vm.to_owned(),
                    braced(others),
                    braced(tasks),
                ],
            ));
        }
        let is_template = self.store.flag("VM", vm, "is_a_template")?;
        if is_template && !is_snapshot {
            let other_config = self.store.map("VM", vm, "other_config")?;
            let mark = other_config.get("default_template").map(Value::as_text);
            let is_default =
                mark == Some("true") || self.store.flag("VM", vm, "is_default_template")?;
            if !operation.on_template(is_default) {
                return Err(Failure::new("VM_IS_TEMPLATE", [vm, operation.name()]));
            }
        }
        if is_snapshot && !operation.on_snapshot() {
            return Err(Failure::new("VM_IS_SNAPSHOT", [vm, operation.name()]));
        }
        if operation == Operation::Provision && !is_template {
            return Err(Failure::plain("PROVISION_ONLY_ALLOWED_ON_TEMPLATE"));
        }
        if operation == Operation::Revert && !is_snapshot {
            return Err(Failure::plain("REVERT_ONLY_ALLOWED_ON_SNAPSHOT"));
        }
        let spared = matches!(
            operation,
            Operation::ChangingDynamicRange | Operation::Start
        );
        if self.store.flag("VM", vm, "is_control_domain")? && !spared {
            return Err(Failure::not_allowed(
                "Operations on domain 0 are not allowed",
            ));
        }
        if operation.needs_features() && state == "Running" {
            self.check_features(vm)?;
        }
        Ok(())
    }

    /// Whether the guest of a running VM told that it can shut down, suspend and plug.
    pub(in crate::xapi::pool) fn check_features(&self, vm: &str) -> Result<(), Failure> {
        if self.domains.get(vm).is_some_and(|domain| domain.features) {
            Ok(())
        } else {
            Err(Failure::new("VM_LACKS_FEATURE", [vm]))
        }
    }

    pub(in crate::xapi::pool) fn check_running(&self, vm: &str) -> Result<(), Failure> {
        let state = self.store.text("VM", vm, "power_state")?;
        if state == "Running" {
            Ok(())
        } else {
            Err(bad_power_state(vm, RUNNING, &state))
        }
    }

    /// Brings the operations that a VM tells it allows up to date.
    pub(in crate::xapi::pool) fn refresh_vm(&mut self, vm: &str) {
        let allowed: Vec<&str> = Operation::EACH
            .into_iter()
            .filter(|operation| {
                !matches!(operation, Operation::Reverting)
                    && self.check_operation(vm, *operation).is_ok()
            })
            .map(Operation::name)
            .collect();
        let _ = self
            .store
            .set("VM", vm, "allowed_operations", Value::texts(allowed));
    }

    /// How long work takes.
    pub(super) fn takes(&self, work: &Work) -> Result<Duration, Failure> {
        let times = &self.timings;
        let of_habit = |habit: ShutdownHabit| match habit {
            ShutdownHabit::Obeys => times.clean_shutdown,
            ShutdownHabit::Ignores => times.acknowledgment,
            ShutdownHabit::Hangs => times.shutdown_limit,
        };
        Ok(match work {
            Work::Start { .. } | Work::Resume { .. } | Work::HardReboot { .. } => times.start,
            Work::CleanShutdown { habit, .. } => of_habit(*habit),
            Work::CleanReboot { habit, .. } => of_habit(*habit) + times.start,
            Work::Suspend { .. } | Work::Checkpoint { .. } | Work::Revert { .. } => times.suspend,
            Work::Clone { storage: None, .. } | Work::Snapshot { .. } => times.clone,
            Work::Clone { vm, .. } => {
                let disks = u32::try_from(self.disks_of(vm)?.len()).unwrap_or(u32::MAX);
                times.copy.saturating_mul(disks.max(1))
            }
            Work::Pause { .. }
            | Work::Unpause { .. }
            | Work::HardShutdown { .. }
            | Work::Provision { .. }
            | Work::Destroy { .. } => times.short,
        })
    }
}

pub(super) fn bad_power_state(vm: &str, allowed: &[&str], actual: &str) -> Failure {
    let allowed = allowed.join(", ").to_ascii_lowercase();
    Failure::new(
        "VM_BAD_POWER_STATE",
        [vm.to_owned(), allowed, actual.to_ascii_lowercase()],
    )
}
