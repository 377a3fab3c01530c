//! What XAPI says when it refuses, and what to do about it.

use std::fmt;

use thiserror::Error;

/// What to do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FailureClass {
    /// The call was not done: log in again, and repeat it once.
    LogInAgain,
    /// The call was not done: ask another member of the pool.
    GoElsewhere,
    /// The call was not done: wait, and try again.
    WaitAndRetry,
    /// There is no room.
    Capacity,
    /// It may be done already: look.
    LookFirst,
    /// The call was wrong.
    OurBug,
    /// The person who asked must do something.
    Users,
    /// Nobody knows.
    Unknown,
}

/// A refusal of XAPI: a code and what goes with it.
///
/// Servers send more parameters than are documented, and fewer, and codes that nobody documented.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct Failure {
    /// Its code, such as `VM_BAD_POWER_STATE`.
    pub code: String,
    /// What goes with it.
    pub params: Vec<String>,
}

impl Failure {
    /// From code and parameters in a row; the code is empty if there are none.
    pub fn new(description: impl IntoIterator<Item = String>) -> Self {
        let mut description = description.into_iter();
        Self {
            code: description.next().unwrap_or_default(),
            params: description.collect(),
        }
    }

    /// Whether it has a code.
    pub fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// A parameter, if there are as many.
    pub fn param(&self, at: usize) -> Option<&str> {
        self.params.get(at).map(String::as_str)
    }

    /// The state that a VM is in although another was needed, in lower case.
    pub fn actual_power_state(&self) -> Option<&str> {
        self.is("VM_BAD_POWER_STATE")
            .then(|| self.params.last().filter(|_| self.params.len() >= 3))
            .flatten()
            .map(String::as_str)
    }

    /// What to do about it.
    pub fn class(&self) -> FailureClass {
        use FailureClass as Class;
        match self.code.as_str() {
            "SESSION_INVALID" => Class::LogInAgain,
            "HOST_IS_SLAVE" => Class::GoElsewhere,
            "OTHER_OPERATION_IN_PROGRESS"
            | "TOO_BUSY"
            | "TOO_MANY_PENDING_TASKS"
            | "HOST_STILL_BOOTING"
            | "VDI_IN_USE"
            | "VM_LACKS_FEATURE"
            | "VM_MISSING_PV_DRIVERS"
            | "VM_OLD_PV_DRIVERS"
            | "CANNOT_CONTACT_HOST"
            | "HOST_NOT_LIVE"
            | "EVENTS_LOST" => Class::WaitAndRetry,
            "HOST_NOT_ENOUGH_FREE_MEMORY"
            | "NO_HOSTS_AVAILABLE"
            | "SR_FULL"
            | "SR_BACKEND_FAILURE_44"
            | "HOST_DISABLED"
            | "HOST_OFFLINE" => Class::Capacity,
            "VM_BAD_POWER_STATE"
            | "HANDLE_INVALID"
            | "UUID_INVALID"
            | "MAP_DUPLICATE_KEY"
            | "DEVICE_ALREADY_EXISTS" => Class::LookFirst,
            "MESSAGE_METHOD_UNKNOWN"
            | "MESSAGE_PARAMETER_COUNT_MISMATCH"
            | "MESSAGE_REMOVED"
            | "INVALID_VALUE"
            | "VALUE_NOT_SUPPORTED"
            | "MAC_INVALID"
            | "INVALID_DEVICE"
            | "INTERNAL_ERROR" => Class::OurBug,
            "SESSION_AUTHENTICATION_FAILED"
            | "SESSION_AUTHORIZATION_FAILED"
            | "RBAC_PERMISSION_DENIED"
            | "LICENCE_RESTRICTION"
            | "FEATURE_RESTRICTED"
            | "OPERATION_BLOCKED"
            | "VM_IS_TEMPLATE"
            | "OPERATION_NOT_ALLOWED" => Class::Users,
            code if code.starts_with("MEMORY_CONSTRAINT_VIOLATION") => Class::OurBug,
            _ => Class::Unknown,
        }
    }

    /// What to do about it, where there is something to do.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self.code.as_str() {
            "SESSION_AUTHENTICATION_FAILED" => {
                "check user and password; root's is that of the host"
            }
            "SESSION_AUTHORIZATION_FAILED" | "RBAC_PERMISSION_DENIED" => {
                "give the user a role that may do this, such as vm-admin"
            }
            "HOST_NOT_ENOUGH_FREE_MEMORY" => {
                "ask for less memory, stop a VM, or choose another host"
            }
            "NO_HOSTS_AVAILABLE" => {
                "no host has what the VM needs: memory, its storage, its network; look at xe vm-assert-can-be-recovered and at the hosts"
            }
            "SR_FULL" | "SR_BACKEND_FAILURE_44" => {
                "free some space on the storage repository, or choose another"
            }
            "HOST_DISABLED" => "the host is in maintenance: enable it, or choose another",
            "HOST_OFFLINE" | "HOST_NOT_LIVE" | "CANNOT_CONTACT_HOST" => {
                "start the host, or choose another"
            }
            "HOST_STILL_BOOTING" => "wait until the toolstack of the host is up",
            "OTHER_OPERATION_IN_PROGRESS" => "wait for the other operation; xe task-list shows it",
            "TOO_BUSY" | "TOO_MANY_PENDING_TASKS" => "try again later",
            "VDI_IN_USE" => "detach the disk from whoever uses it; xe vbd-list vdi-uuid=… tells",
            "VM_LACKS_FEATURE" | "VM_MISSING_PV_DRIVERS" | "VM_OLD_PV_DRIVERS" => {
                "install the guest agent in the template, or wait until it runs"
            }
            "VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT" | "VM_SHUTDOWN_TIMEOUT" => {
                "the guest does not shut down by itself: use a hard shutdown"
            }
            "VM_BAD_POWER_STATE" => "look at the state of the VM; someone else may have changed it",
            "HANDLE_INVALID" | "UUID_INVALID" => "it does not exist, or no longer",
            "VM_IS_TEMPLATE" | "VM_CANNOT_DELETE_DEFAULT_TEMPLATE" => {
                "this works on VMs and not on templates"
            }
            "VM_HVM_REQUIRED" => "enable hardware virtualization in the firmware of the host",
            "VM_REQUIRES_SR" => "choose a host that sees the storage of the VM's disks",
            "VM_REQUIRES_NETWORK" => "choose a host that has the VM's network",
            "LICENCE_RESTRICTION" | "FEATURE_RESTRICTED" => {
                "the pool's licence does not allow this"
            }
            "OPERATION_BLOCKED" => "someone blocked this operation of the VM on purpose",
            "MEMORY_CONSTRAINT_VIOLATION_MAXPIN" | "MEMORY_CONSTRAINT_VIOLATION_ORDER" => {
                "give all limits of memory the same value"
            }
            "HOST_IS_SLAVE" => "connect to the master of the pool",
            "SESSION_INVALID" => "connect again",
            "MESSAGE_METHOD_UNKNOWN" | "MESSAGE_REMOVED" | "MESSAGE_PARAMETER_COUNT_MISMATCH" => {
                "the server is of another version than is known here"
            }
            _ => return None,
        })
    }

    /// The same one without the reference of the session and without the password.
    ///
    /// A password may be a word like any other: where parameters are read by programs, it is left as it is.
    pub(crate) fn without(mut self, session: &[&str], password: &str) -> Self {
        let free_text = matches!(
            self.class(),
            FailureClass::OurBug | FailureClass::Users | FailureClass::Unknown
        );
        let plain_code = self
            .code
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        let code = (!plain_code).then_some(&mut self.code);
        for text in self.params.iter_mut().chain(code) {
            for secret in session.iter().copied().chain(free_text.then_some(password)) {
                if !secret.is_empty() && text.contains(secret) {
                    *text = text.replace(secret, "***");
                }
            }
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = if self.code.is_empty() {
            "a failure without a code"
        } else {
            &self.code
        };
        write!(f, "XAPI answered {}", Shown(code))?;
        for (at, param) in self.params.iter().take(Shown::PARAMS).enumerate() {
            let before = if at == 0 { ": " } else { ", " };
            write!(f, "{before}{}", Shown(param))?;
        }
        if self.params.len() > Shown::PARAMS {
            f.write_str(", …")?;
        }
        Ok(())
    }
}

/// Foreign text on one line of bounded length.
struct Shown<'a>(&'a str);

impl Shown<'_> {
    const PARAMS: usize = 8;
    const LENGTH: usize = 300;
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars().take(Self::LENGTH) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if self.0.chars().nth(Self::LENGTH).is_some() {
            f.write_str("…")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, FailureClass};

    fn failure(description: &str) -> Failure {
        Failure::new(description.split_whitespace().map(str::to_owned))
    }

    #[track_caller]
    fn check(codes: &str, class: FailureClass) {
        for code in codes.split_whitespace() {
            assert_eq!(failure(code).class(), class, "{code}");
        }
    }

    #[test]
    fn classes() {
        check("SESSION_INVALID", FailureClass::LogInAgain);
        check("HOST_IS_SLAVE", FailureClass::GoElsewhere);
        check(
            "OTHER_OPERATION_IN_PROGRESS TOO_BUSY TOO_MANY_PENDING_TASKS HOST_STILL_BOOTING VDI_IN_USE VM_LACKS_FEATURE CANNOT_CONTACT_HOST HOST_NOT_LIVE EVENTS_LOST",
            FailureClass::WaitAndRetry,
        );
        check(
            "HOST_NOT_ENOUGH_FREE_MEMORY NO_HOSTS_AVAILABLE SR_FULL SR_BACKEND_FAILURE_44 HOST_DISABLED HOST_OFFLINE",
            FailureClass::Capacity,
        );
        check(
            "VM_BAD_POWER_STATE HANDLE_INVALID UUID_INVALID MAP_DUPLICATE_KEY DEVICE_ALREADY_EXISTS",
            FailureClass::LookFirst,
        );
        check(
            "MESSAGE_METHOD_UNKNOWN MESSAGE_PARAMETER_COUNT_MISMATCH MESSAGE_REMOVED INVALID_VALUE VALUE_NOT_SUPPORTED MEMORY_CONSTRAINT_VIOLATION MEMORY_CONSTRAINT_VIOLATION_ORDER MEMORY_CONSTRAINT_VIOLATION_MAXPIN MAC_INVALID INVALID_DEVICE INTERNAL_ERROR",
            FailureClass::OurBug,
        );
        check(
            "SESSION_AUTHENTICATION_FAILED SESSION_AUTHORIZATION_FAILED RBAC_PERMISSION_DENIED LICENCE_RESTRICTION FEATURE_RESTRICTED OPERATION_BLOCKED VM_IS_TEMPLATE OPERATION_NOT_ALLOWED",
            FailureClass::Users,
        );
        check(
            "SR_BACKEND_FAILURE_47 Fault SOMETHING_NEW",
            FailureClass::Unknown,
        );
    }

    #[test]
    fn short_and_long_parameter_lists() {
        for (description, shown, state) in [
            ("", "XAPI answered a failure without a code", None),
            (
                "VM_BAD_POWER_STATE",
                "XAPI answered VM_BAD_POWER_STATE",
                None,
            ),
            (
                "VM_BAD_POWER_STATE r",
                "XAPI answered VM_BAD_POWER_STATE: r",
                None,
            ),
            (
                "VM_BAD_POWER_STATE r running;paused halted",
                "XAPI answered VM_BAD_POWER_STATE: r, running;paused, halted",
                Some("halted"),
            ),
            (
                "X 1 2 3 4 5 6 7 8 9",
                "XAPI answered X: 1, 2, 3, 4, 5, 6, 7, 8, …",
                None,
            ),
        ] {
            let failure = failure(description);
            assert_eq!(failure.to_string(), shown);
            assert_eq!(failure.actual_power_state(), state);
        }
    }

    #[test]
    fn foreign_text_stays_on_one_line() {
        let failure = Failure::new([
            "X".to_owned(),
            "a\n\u{1b}[31m".to_owned(),
            "y".repeat(10_000),
        ]);
        let shown = failure.to_string();
        assert!(
            shown.starts_with("XAPI answered X: a\\n\\u{1b}[31m, yyy"),
            "{shown}"
        );
        assert!(shown.len() < 400);
    }
}
