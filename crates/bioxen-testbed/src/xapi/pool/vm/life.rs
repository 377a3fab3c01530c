//! Power: on, off, and what lies between.

use super::{Operation, Work};
use crate::xapi::failure::Failure;
use crate::xapi::pool::job::Step;
use crate::xapi::pool::{Due, Pool};
use crate::xapi::spec::ShutdownHabit;
use crate::xapi::value::{NULL, Value};

impl Pool {
    pub(super) fn begin_start(
        &mut self,
        vm: &str,
        on: Option<&str>,
        paused: bool,
        task: &str,
    ) -> Result<Step, Failure> {
        let operation = match on {
            Some(_) => Operation::StartOn,
            None => Operation::Start,
        };
        self.begin_on(vm, on, operation, task, |vm, host| Work::Start {
            vm,
            host,
            paused,
        })
    }

    pub(super) fn begin_resume(
        &mut self,
        vm: &str,
        on: Option<&str>,
        paused: bool,
        task: &str,
    ) -> Result<Step, Failure> {
        let operation = match on {
            Some(_) => Operation::ResumeOn,
            None => Operation::Resume,
        };
        self.begin_on(vm, on, operation, task, |vm, host| Work::Resume {
            vm,
            host,
            paused,
        })
    }

    /// Begins what brings a VM to a host: to the one that is named, or to one that is chosen.
    fn begin_on(
        &mut self,
        vm: &str,
        on: Option<&str>,
        operation: Operation,
        task: &str,
        work: impl FnOnce(String, String) -> Work,
    ) -> Result<Step, Failure> {
        let host = self.place(vm, on, operation)?;
        let step = self.work(operation, task, work(vm.to_owned(), host.clone()))?;
        self.promise(vm, &host)?;
        Ok(step)
    }

    /// Asks the guest to shut down or reboot; `shutdown` does without if it cannot.
    pub(super) fn begin_clean(
        &mut self,
        vm: &str,
        name: &str,
        task: &str,
    ) -> Result<Step, Failure> {
        let habit = self.shutdown_habit(vm);
        let owned = vm.to_owned();
        match name {
            "clean_reboot" => self.work(
                Operation::CleanReboot,
                task,
                Work::CleanReboot { vm: owned, habit },
            ),
            "shutdown" if self.check_operation(vm, Operation::CleanShutdown).is_err() => {
                self.work(Operation::Shutdown, task, Work::HardShutdown { vm: owned })
            }
            _ => {
                let or_hard = name == "shutdown";
                let operation = if or_hard {
                    Operation::Shutdown
                } else {
                    Operation::CleanShutdown
                };
                let work = Work::CleanShutdown {
                    vm: owned,
                    habit,
                    or_hard,
                };
                self.work(operation, task, work)
            }
        }
    }

    pub(super) fn begin_hard_shutdown(&mut self, vm: &str, task: &str) -> Result<Step, Failure> {
        self.check_operation(vm, Operation::HardShutdown)?;
        // Whoever asks the guest is called off.
        for other in self.store.map("VM", vm, "current_operations")?.into_keys() {
            let _ = self.cancel_job(&other);
        }
        let work = Work::HardShutdown { vm: vm.to_owned() };
        self.work(Operation::HardShutdown, task, work)
    }

    pub(super) fn power_on(
        &mut self,
        vm: &str,
        host: &str,
        paused: bool,
        resumed: bool,
    ) -> Result<(), Failure> {
        self.store
            .set("VM", vm, "scheduled_to_be_resident_on", NULL)?;
        self.start_domain(vm, resumed)?;
        self.store.set("VM", vm, "resident_on", host)?;
        if resumed {
            let image = self.store.text("VM", vm, "suspend_VDI")?;
            if self.store.has("VDI", &image) {
                self.remove_disk(&image)?;
            }
            self.store.set("VM", vm, "suspend_VDI", NULL)?;
        }
        self.attach_devices(vm)?;
        let metrics = self.store.text("VM", vm, "metrics")?;
        let vcpus = self.store.int("VM", vm, "VCPUs_at_startup")?;
        let memory = self.store.int("VM", vm, "memory_dynamic_max")?;
        for (field, value) in [
            ("start_time", self.date()),
            ("last_updated", self.date()),
            ("memory_actual", Value::Int(memory)),
            ("VCPUs_number", Value::Int(vcpus)),
            ("current_domain_type", Value::from("hvm")),
            ("hvm", Value::Bool(true)),
        ] {
            self.store.set("VM_metrics", &metrics, field, value)?;
        }
        self.store.set("VM", vm, "power_state", "Running")?;
        if paused {
            self.set_paused(vm, true)?;
        }
        self.refresh_vm(vm);
        self.refresh_hosts();
        Ok(())
    }

    pub(super) fn set_paused(&mut self, vm: &str, paused: bool) -> Result<(), Failure> {
        let uuid = self.store.text("VM", vm, "uuid")?;
        let state = if paused {
            self.guests.paused(&uuid);
            "Paused"
        } else {
            self.guests.unpaused(&uuid);
            "Running"
        };
        self.store.set("VM", vm, "power_state", state)
    }

    pub(super) fn end_clean_shutdown(
        &mut self,
        vm: &str,
        habit: ShutdownHabit,
        or_hard: bool,
    ) -> Result<Step, Failure> {
        match self.check_shutdown(vm, habit) {
            Err(_) if or_hard => {
                let work = Work::HardShutdown { vm: vm.to_owned() };
                Ok(Step::Work {
                    takes: self.takes(&work)?,
                    work,
                    locked: Vec::new(),
                })
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                self.halt(vm)?;
                Ok(Step::Done(Value::void()))
            }
        }
    }

    pub(super) fn check_shutdown(&self, vm: &str, habit: ShutdownHabit) -> Result<(), Failure> {
        match habit {
            ShutdownHabit::Obeys => Ok(()),
            ShutdownHabit::Ignores => Err(Failure::new("VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", [vm])),
            ShutdownHabit::Hangs => {
                let limit = self.timings.shutdown_limit.as_secs_f64().to_string();
                Err(Failure::new("VM_SHUTDOWN_TIMEOUT", [vm, limit.as_str()]))
            }
        }
    }

    /// Powers a VM off, in whatever state it is.
    pub(in crate::xapi::pool) fn halt(&mut self, vm: &str) -> Result<(), Failure> {
        let image = self.store.text("VM", vm, "suspend_VDI")?;
        if self.store.has("VDI", &image) {
            self.remove_disk(&image)?;
        }
        self.store.set("VM", vm, "suspend_VDI", NULL)?;
        self.stop_domain(vm)?;
        self.store.set("VM", vm, "power_state", "Halted")?;
        self.due_in(self.timings.detach, Due::Detach(vm.to_owned()));
        self.refresh_vm(vm);
        self.refresh_hosts();
        Ok(())
    }

    pub(super) fn reboot(&mut self, vm: &str) -> Result<(), Failure> {
        let host = self.store.text("VM", vm, "resident_on")?;
        self.stop_domain(vm)?;
        self.power_on(vm, &host, false, false)
    }

    pub(super) fn suspend(&mut self, vm: &str) -> Result<(), Failure> {
        let image = self.suspend_image(vm)?;
        self.stop_domain(vm)?;
        self.store.set("VM", vm, "suspend_VDI", image)?;
        self.store.set("VM", vm, "power_state", "Suspended")?;
        self.due_in(self.timings.detach, Due::Detach(vm.to_owned()));
        self.refresh_vm(vm);
        self.refresh_hosts();
        Ok(())
    }

    /// A disk for the memory of a VM.
    pub(super) fn suspend_image(&mut self, vm: &str) -> Result<String, Failure> {
        let storage = match self.store.text("VM", vm, "suspend_SR")? {
            own if self.store.has("SR", &own) => own,
            _ => self.default_storage()?,
        };
        let size = self.store.int("VM", vm, "memory_static_max")?;
        let given = [
            ("name_label".to_owned(), Value::from("Suspend image")),
            ("type".to_owned(), Value::from("suspend")),
            ("virtual_size".to_owned(), Value::Int(size.max(1))),
        ];
        self.new_disk(&storage, &given.into())
    }

    pub(super) fn default_storage(&self) -> Result<String, Failure> {
        for pool in self.store.all("pool") {
            let storage = self.store.text("pool", &pool, "default_SR")?;
            if self.store.has("SR", &storage) {
                return Ok(storage);
            }
        }
        Err(Failure::new("DEFAULT_SR_NOT_FOUND", [NULL]))
    }

    /// Finds the host of a VM that starts; what the VM itself refuses comes first.
    fn place(&self, vm: &str, on: Option<&str>, operation: Operation) -> Result<String, Failure> {
        self.check_operation(vm, operation)?;
        match on {
            Some(host) => {
                self.check_host_for(vm, host)?;
                Ok(host.to_owned())
            }
            None => self.choose_host(vm),
        }
    }

    /// Keeps memory of a host for a VM that starts.
    fn promise(&mut self, vm: &str, host: &str) -> Result<(), Failure> {
        self.store
            .set("VM", vm, "scheduled_to_be_resident_on", host)?;
        self.refresh_hosts();
        Ok(())
    }
}
