//! Tasks: what they tell, and what can be done to them.

use super::Pool;
use super::call::Request;
use super::job::Step;
use crate::xapi::failure::Failure;
use crate::xapi::value::{NEVER, Value};
use crate::xapi::wire;

impl Pool {
    pub(super) fn create_task(
        &mut self,
        label: &str,
        description: &str,
    ) -> Result<String, Failure> {
        let host = self
            .hosts
            .get(self.master)
            .map(|node| node.reference.clone());
        let fields = [
            ("name_label", Value::from(label)),
            ("name_description", Value::from(description)),
            ("created", self.date()),
            ("finished", Value::Date(NEVER.to_owned())),
            ("status", Value::from("pending")),
            ("resident_on", Value::from(host.unwrap_or_default())),
            ("progress", Value::Double(0.0)),
            ("type", Value::from("<none/>")),
        ];
        self.store.insert("task", fields)
    }

    /// Tells a task how its work ended; it may be gone.
    pub(super) fn end_task(&mut self, task: &str, end: &Result<Value, Failure>) {
        if !self.store.has("task", task) {
            return;
        }
        let (status, result, error) = match end {
            Ok(value) => ("success", wire::fragment(value), Vec::new()),
            Err(failure) => {
                let status = if failure.code == "TASK_CANCELLED" {
                    "cancelled"
                } else {
                    "failure"
                };
                let mut error = vec![failure.code.clone()];
                error.extend(failure.params.iter().cloned());
                (status, String::new(), error)
            }
        };
        let fields = [
            ("progress", Value::Double(1.0)),
            ("finished", self.date()),
            ("result", Value::from(result)),
            ("error_info", Value::texts(error)),
            ("allowed_operations", Value::Set(Vec::new())),
            ("current_operations", Value::Map([].into())),
            ("status", Value::from(status)),
        ];
        for (field, value) in fields {
            let _ = self.store.set("task", task, field, value);
        }
        if self.doomed_tasks.remove(task) {
            let _ = self.store.remove("task", task);
        } else {
            self.note_finished(task);
        }
    }

    /// Brings what a pending task tells up to date, before it is read.
    pub(super) fn refresh_task(&mut self, task: &str) {
        if self.store.text("task", task, "status").as_deref() != Ok("pending") {
            return;
        }
        if let Some(progress) = self.progress(task) {
            let _ = self.store.set("task", task, "progress", progress);
        }
        let can = self.is_cancellable(task).then_some("cancel");
        let allowed = Value::texts(can);
        let _ = self.store.set("task", task, "allowed_operations", allowed);
    }

    pub(super) fn refresh_tasks(&mut self) {
        for task in self.store.all("task") {
            self.refresh_task(&task);
        }
    }

    pub(super) fn reap(&mut self, task: &str) {
        self.finished_tasks.retain(|other| other != task);
        let _ = self.store.remove("task", task);
    }

    pub(super) fn task_message(&mut self, request: &Request, own: &str) -> Result<Step, Failure> {
        if request.name == "create" {
            let task = self.create_task(request.text(0), request.text(1))?;
            return Ok(Step::Done(Value::from(task)));
        }
        let task = request.text(0);
        if !self.store.has("task", task) {
            return Err(Failure::handle("task", task));
        }
        let is_over = matches!(
            self.store.text("task", task, "status")?.as_str(),
            "success" | "failure" | "cancelled"
        );
        match request.name.as_str() {
            "destroy" if is_over => {
                self.finished_tasks.retain(|other| other != task);
                self.store.remove("task", task)?;
            }
            "destroy" => {
                // Whoever made it by hand is its only worker.
                if self.jobs.values().any(|job| job.task == task) {
                    self.doomed_tasks.insert(task.to_owned());
                } else {
                    self.store.remove("task", task)?;
                }
            }
            "cancel" if is_over => {}
            "cancel" => {
                self.cancel_job(task)?;
                let operation = Value::map([(own, "cancel")]);
                self.store
                    .set("task", task, "current_operations", operation)?;
                self.refresh_task(task);
            }
            "set_status" => {
                let status = request.text(1);
                self.store.set("task", task, "status", status)?;
                if matches!(status, "success" | "failure" | "cancelled") {
                    let date = self.date();
                    self.store.set("task", task, "finished", date)?;
                    self.note_finished(task);
                }
            }
            "set_progress" => {
                self.store
                    .set("task", task, "progress", request.arg(1).clone())?;
            }
            "set_result" => self.store.set("task", task, "result", request.text(1))?,
            "set_error_info" => {
                self.store
                    .set("task", task, "error_info", request.arg(1).clone())?;
            }
            "set_other_config" | "add_to_other_config" | "remove_from_other_config" => {
                return self.map_message(request, "other_config");
            }
            _ => return Err(Self::not_simulated(request)),
        }
        Ok(Step::Done(Value::void()))
    }
}
