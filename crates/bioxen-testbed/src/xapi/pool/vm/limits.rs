//! Memory and virtual processors.

use super::Operation;
use crate::xapi::failure::Failure;
use crate::xapi::pool::Pool;
use crate::xapi::pool::call::Request;
use crate::xapi::value::Value;

/// The four limits of memory.
#[derive(Clone, Copy, Debug)]
struct Limits {
    static_min: i64,
    static_max: i64,
    dynamic_min: i64,
    dynamic_max: i64,
}

impl Pool {
    /// A message on memory or processors; `None` if it is another one.
    pub(super) fn limits_message(
        &mut self,
        request: &Request,
        vm: &str,
        name: &str,
    ) -> Result<Option<Value>, Failure> {
        let number = |at: usize| request.arg(at).as_int();
        let old = self.limits(vm)?;
        let (operation, new) = match name {
            "set_memory_limits" => (
                Operation::ChangingMemoryLimits,
                Limits {
                    static_min: number(1),
                    static_max: number(2),
                    dynamic_min: number(3),
                    dynamic_max: number(4),
                },
            ),
            "set_memory" => (
                Operation::ChangingMemoryLimits,
                Limits {
                    static_min: old.static_min,
                    static_max: number(1),
                    dynamic_min: number(1),
                    dynamic_max: number(1),
                },
            ),
            "set_memory_static_range" => (
                Operation::ChangingStaticRange,
                Limits {
                    static_min: number(1),
                    static_max: number(2),
                    ..old
                },
            ),
            "set_memory_dynamic_range" => (
                Operation::ChangingDynamicRange,
                Limits {
                    dynamic_min: number(1),
                    dynamic_max: number(2),
                    ..old
                },
            ),
            "set_memory_static_min" => (
                Operation::ChangingStaticRange,
                Limits {
                    static_min: number(1),
                    ..old
                },
            ),
            "set_memory_static_max" => (
                Operation::ChangingStaticRange,
                Limits {
                    static_max: number(1),
                    ..old
                },
            ),
            "set_memory_dynamic_min" => (
                Operation::ChangingDynamicRange,
                Limits {
                    dynamic_min: number(1),
                    ..old
                },
            ),
            "set_memory_dynamic_max" => (
                Operation::ChangingDynamicRange,
                Limits {
                    dynamic_max: number(1),
                    ..old
                },
            ),
            "set_VCPUs_max" => {
                self.check_operation(vm, Operation::ChangingVcpus)?;
                let startup = self.store.int("VM", vm, "VCPUs_at_startup")?;
                if number(1) < startup || number(1) <= 0 {
                    let text = "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max";
                    return Err(Failure::value(text, number(1)));
                }
                self.store.set("VM", vm, "VCPUs_max", number(1))?;
                return Ok(Some(Value::void()));
            }
            "set_VCPUs_at_startup" => {
                self.check_operation(vm, Operation::ChangingVcpus)?;
                let most = self.store.int("VM", vm, "VCPUs_max")?;
                if number(1) > most || number(1) <= 0 {
                    let text = "VCPU values must satisfy: 0 < VCPUs_at_startup ≤ VCPUs_max";
                    return Err(Failure::value(text, number(1)));
                }
                self.store.set("VM", vm, "VCPUs_at_startup", number(1))?;
                return Ok(Some(Value::void()));
            }
            _ => return Ok(None),
        };
        self.check_operation(vm, operation)?;
        self.check_limits(new)?;
        for (field, value) in [
            ("memory_static_min", new.static_min),
            ("memory_static_max", new.static_max),
            ("memory_dynamic_min", new.dynamic_min),
            ("memory_dynamic_max", new.dynamic_max),
            ("memory_target", new.dynamic_max),
            ("memory_overhead", memory_overhead(new.static_max)),
        ] {
            self.store.set("VM", vm, field, value)?;
        }
        self.refresh_hosts();
        Ok(Some(Value::void()))
    }

    fn limits(&self, vm: &str) -> Result<Limits, Failure> {
        let get = |field: &str| self.store.int("VM", vm, field);
        Ok(Limits {
            static_min: get("memory_static_min")?,
            static_max: get("memory_static_max")?,
            dynamic_min: get("memory_dynamic_min")?,
            dynamic_max: get("memory_dynamic_max")?,
        })
    }

    fn check_limits(&self, new: Limits) -> Result<(), Failure> {
        let rising = 0 <= new.static_min
            && new.static_min <= new.dynamic_min
            && new.dynamic_min <= new.dynamic_max
            && new.dynamic_max <= new.static_max;
        if !rising {
            return Err(Failure::plain("MEMORY_CONSTRAINT_VIOLATION_ORDER"));
        }
        let pinned = new.dynamic_min == new.static_max && new.dynamic_max == new.static_max;
        if !self.ballooning && !pinned {
            return Err(Failure::new(
                "MEMORY_CONSTRAINT_VIOLATION_MAXPIN",
                ["dynamic memory control is not licensed"],
            ));
        }
        Ok(())
    }
}

/// What the host needs for a VM besides the memory of its guest.
pub(in crate::xapi::pool) fn memory_overhead(static_max: i64) -> i64 {
    const MIB: i64 = 1 << 20;
    (static_max / 128 / MIB + 10) * MIB
}
