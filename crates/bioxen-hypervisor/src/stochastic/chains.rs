//! Chains that grow or shrink together on one clock.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::completion_queue::{Completion, CompletionQueue};

/// Clock ticks per second at full speed (speed factor 1).
pub(crate) const TICKS_PER_SECOND: f64 = 1_048_576.0;

/// No clock of a cell comes near it: 2,000 years at full speed.
const LAST_TICK: u64 = 1 << 56;

/// Fraction bits of the fixed-point progress of a chain.
const FRACTION_BITS: u32 = 32;

/// All chains of one kind (polypeptides, transcripts, decaying transcripts) that advance on one shared clock.
///
/// Elongation is not a reaction event: a machine that starts a chain of `amounts` monomers is put into a queue under
/// the clock value at which it will be done, and the speed of the clock may change at any time without rescheduling.
/// How much of the `N` kinds of monomer all unfinished chains hold is known exactly at every instant, as an integral
/// of a fixed-point flux, so that costs can be posted while chains grow and each finished chain took exactly its amounts.
#[derive(Debug, Clone)]
pub(crate) struct Chains<const N: usize> {
    queue: CompletionQueue,
    clock: u64,
    /// Monomers per tick over all chains, fixed point.
    flux: [i64; N],
    /// Monomers in unfinished chains, fixed point.
    progress: [i64; N],
    /// Whole monomers in unfinished chains that have been posted.
    posted: [i64; N],
    /// Monomers in chains finished since the last posting.
    finished: [i64; N],
    /// End of the open interval; [`Chains::open`] sets it.
    until: u64,
    /// The clock stops here: at the end of the interval, or where a budget ends at the present flux.
    end: u64,
    /// Progress made since the interval was opened, fixed point, and its limit.
    taken: [i64; N],
    limit: [i64; N],
}

/// What must be kept of [`Chains`] between intervals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainsState {
    pub(crate) clock: u64,
    pub(crate) entries: Vec<Completion>,
    pub(crate) posted: Vec<i64>,
}

impl<const N: usize> Chains<N> {
    pub(crate) fn new() -> Self {
        Self {
            queue: CompletionQueue::default(),
            clock: 0,
            flux: [0; N],
            progress: [0; N],
            posted: [0; N],
            finished: [0; N],
            until: 0,
            end: 0,
            taken: [0; N],
            limit: [0; N],
        }
    }

    /// Number of unfinished chains.
    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Monomers per tick over all chains.
    pub(crate) fn flux(&self) -> [f64; N] {
        self.flux.map(from_fixed)
    }

    /// Whole monomers in unfinished chains.
    pub(crate) fn content(&self) -> [i64; N] {
        self.posted
    }

    /// Lets the clock run for `ticks` more, and no further than whole `budget` monomers of each kind.
    pub(crate) fn open(&mut self, ticks: u64, budget: [i64; N]) {
        self.until = self.clock + ticks;
        self.taken = [0; N];
        self.limit = budget.map(|whole| whole << FRACTION_BITS);
        self.hold_to_limit();
    }

    /// Ticks until the next completion, if it falls within the open interval.
    pub(crate) fn next_completion(&self) -> Option<u64> {
        self.queue.next_key().filter(|key| *key <= self.end)
    }

    /// The clock value, advanced no further than the open interval allows.
    pub(crate) fn advance_to(&mut self, clock: u64) {
        let to = clock.clamp(self.clock, self.end);
        let ticks =
            i64::try_from(to - self.clock).expect("an interval is far shorter than 2^63 ticks");
        self.clock = to;
        for n in 0..N {
            let step = self.flux[n] * ticks;
            self.progress[n] += step;
            self.taken[n] += step;
        }
    }

    pub(crate) fn clock(&self) -> u64 {
        self.clock
    }

    /// Starts a chain now that takes `duration` ticks.
    pub(crate) fn start(&mut self, unit: u32, duration: u64, amounts: [u32; N]) {
        let duration = duration.max(1);
        self.queue.push(Completion {
            key: self.clock + duration,
            duration,
            unit,
        });
        self.add_flux(duration, amounts);
        self.hold_to_limit();
    }

    /// Puts in a chain that started `elapsed` ticks ago, and posts what it holds as if it had been counted since.
    pub(crate) fn resume(&mut self, unit: u32, duration: u64, elapsed: u64, amounts: [u32; N]) {
        let duration = duration.max(1);
        let elapsed = elapsed.min(duration - 1);
        self.queue.push(Completion {
            key: self.clock + duration - elapsed,
            duration,
            unit,
        });
        self.add_flux(duration, amounts);
        let rate = rates(duration, amounts);
        for n in 0..N {
            self.progress[n] +=
                rate[n] * i64::try_from(elapsed).expect("a chain is far shorter than 2^63 ticks");
            self.posted[n] = self.progress[n] >> FRACTION_BITS;
        }
    }

    /// Takes the earliest chain out as finished; `amounts` are those it was started with.
    pub(crate) fn finish(&mut self, amounts_of: impl Fn(u32) -> [u32; N]) -> Completion {
        let done = self.queue.pop().expect("the caller saw a next completion");
        self.advance_to(done.key);
        let amounts = amounts_of(done.unit);
        self.remove(&done, done.duration, amounts);
        for n in 0..N {
            self.finished[n] += i64::from(amounts[n]);
        }
        self.hold_to_limit();
        done
    }

    /// Whole monomers taken since the last posting: those of finished chains plus the change of the unfinished ones.
    pub(crate) fn post(&mut self) -> [i64; N] {
        let mut taken = [0; N];
        for n in 0..N {
            let whole = self.progress[n] >> FRACTION_BITS;
            taken[n] = self.finished[n] + whole - self.posted[n];
            self.posted[n] = whole;
            self.finished[n] = 0;
        }
        taken
    }

    /// Keeps each unfinished chain for which `keep` says so; returns the whole monomers that left with the others.
    pub(crate) fn retain(
        &mut self,
        amounts_of: impl Fn(u32) -> [u32; N],
        mut keep: impl FnMut(&Completion) -> bool,
    ) -> ([i64; N], Vec<Completion>) {
        let before = self.posted;
        let mut gone = Vec::new();
        let mut kept = Vec::new();
        for entry in self.queue.to_sorted() {
            if keep(&entry) {
                kept.push(entry);
            } else {
                self.remove(
                    &entry,
                    entry.duration - (entry.key - self.clock),
                    amounts_of(entry.unit),
                );
                gone.push(entry);
            }
        }
        self.queue = kept.into_iter().collect();
        self.posted = self.progress.map(|p| p >> FRACTION_BITS);
        let mut left = [0; N];
        for n in 0..N {
            left[n] = before[n] - self.posted[n];
        }
        (left, gone)
    }

    /// Gives every unfinished chain another name.
    pub(crate) fn rename(&mut self, name: impl Fn(u32) -> u32) {
        self.queue = self
            .queue
            .to_sorted()
            .into_iter()
            .map(|entry| Completion {
                unit: name(entry.unit),
                ..entry
            })
            .collect();
    }

    /// Unfinished chains, earliest first.
    pub(crate) fn entries(&self) -> Vec<Completion> {
        self.queue.to_sorted()
    }

    pub(crate) fn state(&self) -> ChainsState {
        ChainsState {
            clock: self.clock,
            entries: self.entries(),
            posted: self.posted.to_vec(),
        }
    }

    /// Rebuilds flux and progress from the entries: both are sums of exact integers, so nothing is lost.
    /// `None` if the entries cannot be those of a running clock.
    pub(crate) fn from_state(
        state: &ChainsState,
        amounts_of: impl Fn(u32) -> Option<[u32; N]>,
    ) -> Option<Self> {
        let mut chains = Self::new();
        chains.clock = state.clock;
        if state.clock > LAST_TICK {
            return None;
        }
        for entry in &state.entries {
            let left = entry.key.checked_sub(state.clock)?;
            let elapsed = i64::try_from(entry.duration.checked_sub(left)?).ok()?;
            if entry.duration == 0 {
                return None;
            }
            let amounts = amounts_of(entry.unit)?;
            chains.queue.push(*entry);
            chains.add_flux(entry.duration, amounts);
            let rate = rates(entry.duration, amounts);
            for n in 0..N {
                let held = rate[n].checked_mul(elapsed)?;
                chains.progress[n] = chains.progress[n].checked_add(held)?;
            }
        }
        chains.posted = chains.progress.map(|p| p >> FRACTION_BITS);
        // Between intervals everything has been posted.
        (chains.posted.as_slice() == state.posted).then_some(chains)
    }

    fn add_flux(&mut self, duration: u64, amounts: [u32; N]) {
        let rate = rates(duration, amounts);
        for n in 0..N {
            self.flux[n] += rate[n];
        }
    }

    fn remove(&mut self, entry: &Completion, elapsed: u64, amounts: [u32; N]) {
        let rate = rates(entry.duration, amounts);
        let elapsed = i64::try_from(elapsed).expect("a chain is far shorter than 2^63 ticks");
        for n in 0..N {
            self.flux[n] -= rate[n];
            // Exactly what `advance_to` added for this chain, so that no rounding is left behind.
            self.progress[n] -= rate[n] * elapsed;
        }
    }

    /// Lets the clock run to the end of the interval, or to where a budget ends at the present flux if that is earlier.
    fn hold_to_limit(&mut self) {
        self.end = self.until;
        for n in 0..N {
            if self.flux[n] > 0 {
                let left = (self.limit[n] - self.taken[n]).max(0);
                let ticks = u64::try_from(left / self.flux[n]).expect("both are non-negative");
                self.end = self.end.min(self.clock + ticks);
            }
        }
    }
}

/// Monomers per tick of a chain of `amounts` that takes `duration` ticks, rounded down.
/// What rounding leaves out, below a monomer for chains of hours, is settled when the chain is finished.
fn rates<const N: usize>(duration: u64, amounts: [u32; N]) -> [i64; N] {
    amounts.map(|amount| {
        let rate = (u64::from(amount) << FRACTION_BITS) / duration;
        i64::try_from(rate).expect("an amount below 2^31 shifted by 32 bits fits")
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a rate for a forecast, not for the ledger"
)]
fn from_fixed(value: i64) -> f64 {
    value as f64 / (1_u64 << FRACTION_BITS) as f64
}
