//! Faults to come: which call or connection meets what.

use std::time::Duration;

use super::random::Random;

/// Something that goes wrong, on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is refused. As the fault of a call, the connection is reset, and the next ones are refused.
    Refuse {
        /// Number of connections.
        connections: u32,
    },
    /// The call is not run, and nothing is answered.
    Silence,
    /// The call is run, and nothing is answered.
    SilenceAfter,
    /// The connection is reset before the call is run.
    ResetBefore,
    /// The call is run, and the connection reset instead of an answer.
    ResetAfter,
    /// The call is run, and its answer comes by one byte a second.
    Drip,
    /// The call is run, and its answer is cut after so many bytes of the body.
    Cut(usize),
    /// The call is run, and the answer is no XML.
    Garbage,
    /// The call is run, and the answer never seems to end: so many bytes.
    Huge(u64),
    /// The call is not run, and the status is 503.
    Unavailable,
    /// The call is not run, and fails with an error of XAPI.
    Error {
        /// The code.
        code: String,
        /// Its parameters.
        params: Vec<String>,
    },
    /// The session ends, and the call says so.
    SessionInvalid,
    /// The host says that it is no master.
    HostIsSlave {
        /// The address that it gives.
        master: String,
    },
    /// A task is started that never ends.
    TaskPending {
        /// Whether its work is done nevertheless.
        done: bool,
    },
    /// The call takes longer by a span.
    Slow(Duration),
    /// The host shows another certificate; only of use for connections.
    WrongCertificate,
}

/// How an answer is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// As it is.
    Whole,
    /// Not at all; the connection stays open.
    Silence,
    /// Not at all; the connection is reset.
    Reset,
    /// Not at all; the connection is reset, and so many more are refused.
    Refuse(u32),
    /// By one byte a second.
    Drip,
    /// Only so many bytes of the body.
    Cut(usize),
    /// With other bytes, which are no XML.
    Garbage,
    /// With so many bytes of text in it.
    Huge(u64),
    /// With status 503 and a page.
    Unavailable,
}

impl Fault {
    /// Whether the call is run.
    pub(crate) fn runs(&self) -> bool {
        !matches!(
            self,
            Self::Refuse { .. }
                | Self::Silence
                | Self::ResetBefore
                | Self::Unavailable
                | Self::Error { .. }
                | Self::SessionInvalid
                | Self::HostIsSlave { .. }
        )
    }

    pub(crate) fn delivery(&self) -> Delivery {
        match self {
            Self::Silence | Self::SilenceAfter => Delivery::Silence,
            Self::ResetBefore | Self::ResetAfter => Delivery::Reset,
            Self::Refuse { connections } => Delivery::Refuse(*connections),
            Self::Drip => Delivery::Drip,
            Self::Cut(bytes) => Delivery::Cut(*bytes),
            Self::Garbage => Delivery::Garbage,
            Self::Huge(bytes) => Delivery::Huge(*bytes),
            Self::Unavailable => Delivery::Unavailable,
            Self::Error { .. }
            | Self::SessionInvalid
            | Self::HostIsSlave { .. }
            | Self::TaskPending { .. }
            | Self::Slow(_)
            | Self::WrongCertificate => Delivery::Whole,
        }
    }
}

/// Faults to come; the default has none.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    rules: Vec<Rule>,
    met: Vec<Met>,
}

/// A fault that was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Met {
    /// The call, or nothing for a connection.
    pub call: String,
    /// The fault.
    pub fault: Fault,
}

#[derive(Clone, Debug)]
struct Rule {
    matches: Matches,
    /// Calls that are let through before.
    skip: u64,
    /// Calls that meet the fault then.
    times: u64,
    fault: Fault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Matches {
    Connection,
    AnyCall,
    Call(String),
}

impl Plan {
    /// No faults.
    pub fn none() -> Self {
        Self::default()
    }

    /// The nth call of a message, from 1, meets a fault.
    ///
    /// A message is named as `VM.start`, and is meant in all its forms.
    #[must_use]
    pub fn on(self, message: &str, nth: u64, fault: Fault) -> Self {
        self.rule(Matches::Call(plain_name(message)), nth, 1, fault)
    }

    /// The nth call of a message and all later ones meet a fault.
    #[must_use]
    pub fn from(self, message: &str, nth: u64, fault: Fault) -> Self {
        self.rule(Matches::Call(plain_name(message)), nth, u64::MAX, fault)
    }

    /// The nth call of all meets a fault.
    #[must_use]
    pub fn on_any(self, nth: u64, fault: Fault) -> Self {
        self.rule(Matches::AnyCall, nth, 1, fault)
    }

    /// The nth call of all and all later ones meet a fault.
    #[must_use]
    pub fn from_any(self, nth: u64, fault: Fault) -> Self {
        self.rule(Matches::AnyCall, nth, u64::MAX, fault)
    }

    /// The nth connection meets a fault, and so do the next ones: `times` in all.
    #[must_use]
    pub fn on_connection(self, nth: u64, times: u64, fault: Fault) -> Self {
        self.rule(Matches::Connection, nth, times, fault)
    }

    /// Random faults: each meets one of the first `calls` calls.
    pub fn random(seed: u64, faults: u32, calls: u64, choice: &[Fault]) -> Self {
        let mut random = Random::new(seed);
        let mut plan = Self::none();
        for _ in 0..faults {
            let nth = random.between(1, calls.saturating_add(1));
            let count = u64::try_from(choice.len()).unwrap_or(u64::MAX);
            let at = usize::try_from(random.between(0, count)).unwrap_or(0);
            if let Some(fault) = choice.get(at) {
                plan = plan.on_any(nth, fault.clone());
            }
        }
        plan
    }

    /// The faults that were met so far.
    pub fn met(&self) -> &[Met] {
        &self.met
    }

    fn rule(mut self, matches: Matches, nth: u64, times: u64, fault: Fault) -> Self {
        self.rules.push(Rule {
            matches,
            skip: nth.saturating_sub(1),
            times,
            fault,
        });
        self
    }

    /// Counts a call, and gives the fault that it meets.
    pub(crate) fn draw(&mut self, call: &str) -> Option<Fault> {
        let name = plain_name(call);
        self.draw_where(call, |matches| match matches {
            Matches::Connection => false,
            Matches::AnyCall => true,
            Matches::Call(wanted) => *wanted == name,
        })
    }

    /// Counts a connection, and gives the fault that it meets.
    pub(crate) fn draw_connection(&mut self) -> Option<Fault> {
        self.draw_where("", |matches| *matches == Matches::Connection)
    }

    fn draw_where(&mut self, call: &str, is: impl Fn(&Matches) -> bool) -> Option<Fault> {
        let mut drawn = None;
        for rule in self.rules.iter_mut().filter(|rule| is(&rule.matches)) {
            if rule.skip > 0 {
                rule.skip -= 1;
            } else if rule.times > 0 && drawn.is_none() {
                rule.times -= 1;
                drawn = Some(rule.fault.clone());
            }
        }
        if let Some(fault) = &drawn {
            self.met.push(Met {
                call: call.to_owned(),
                fault: fault.clone(),
            });
        }
        drawn
    }
}

/// A message in the one spelling by which calls are compared.
fn plain_name(call: &str) -> String {
    call.strip_prefix("Async.")
        .unwrap_or(call)
        .replace('_', ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_call_meets_the_fault_in_all_its_forms() {
        let mut plan = Plan::none().on("VM.start", 2, Fault::Silence);
        assert_eq!(plan.draw("VM.start"), None);
        assert_eq!(plan.draw("VM.clone"), None);
        assert_eq!(plan.draw("Async.VM.start"), Some(Fault::Silence));
        assert_eq!(plan.draw("VM_start"), None);
        assert_eq!(plan.met().len(), 1);
    }

    #[test]
    fn rules_count_for_themselves() {
        let mut plan = Plan::none()
            .on_any(2, Fault::Garbage)
            .from("VM.start", 1, Fault::Silence)
            .on_connection(1, 2, Fault::WrongCertificate);
        assert_eq!(plan.draw("pool.get_all"), None);
        assert_eq!(plan.draw("VM.start"), Some(Fault::Garbage));
        assert_eq!(plan.draw("VM.start"), Some(Fault::Silence));
        assert_eq!(plan.draw("VM.start"), Some(Fault::Silence));
        assert_eq!(plan.draw_connection(), Some(Fault::WrongCertificate));
        assert_eq!(plan.draw_connection(), Some(Fault::WrongCertificate));
        assert_eq!(plan.draw_connection(), None);
    }

    #[test]
    fn random_plans_are_those_of_their_seed() {
        let choice = [Fault::Silence, Fault::Garbage, Fault::Drip];
        let draw = |seed: u64| -> Vec<Option<Fault>> {
            let mut plan = Plan::random(seed, 3, 10, &choice);
            (0..10).map(|_| plan.draw("VM.start")).collect()
        };
        assert_eq!(draw(5), draw(5));
        assert!((0..20).any(|seed| draw(seed) != draw(5)));
        assert!(draw(5).iter().any(Option::is_some));
    }
}
