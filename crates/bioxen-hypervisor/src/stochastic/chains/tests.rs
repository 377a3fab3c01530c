//! Progress, budgets, order of completion and saved state of chains.

use proptest::prelude::*;

use super::*;

/// Monomers of two kinds in the chains of each unit.
const AMOUNTS: [[u32; 2]; 4] = [[450, 0], [1, 1_000], [33, 67], [1_795, 5_388]];
const NONE: [u32; 0] = [];
const NO_LIMIT: [i64; 2] = [1_000_000_000; 2];

fn amounts(unit: u32) -> [u32; 2] {
    AMOUNTS[unit as usize]
}

fn start(chains: &mut Chains<2>, unit: u32, duration: u64) {
    chains.start(unit, duration, amounts(unit));
}

/// Runs the open interval to its end and returns the units in the order of their completion.
fn run(chains: &mut Chains<2>) -> Vec<u32> {
    let mut done = Vec::new();
    while chains.next_completion().is_some() {
        done.push(chains.finish(amounts).unit);
    }
    chains.advance_to(u64::MAX);
    done
}

#[test]
fn a_chain_holds_its_share_at_every_instant_and_its_amounts_at_the_end() {
    let mut chains = Chains::new();
    start(&mut chains, 0, 1_000_000);
    chains.open(2_000_000, NO_LIMIT);
    for tenth in 1..10 {
        chains.advance_to(tenth * 100_000);
        // 450 residues, of which a rounded rate leaves out less than one.
        let taken = chains.post();
        assert!((44..=45).contains(&taken[0]), "{taken:?} in tenth {tenth}");
        assert_eq!(
            chains.content(),
            [i64::try_from(tenth).unwrap() * 45 - 1, 0]
        );
    }
    assert_eq!(run(&mut chains), [0]);
    assert_eq!(
        chains.clock(),
        2_000_000,
        "the clock runs on without chains"
    );
    assert_eq!(chains.post(), [450 - 404, 0], "what is left, to the last");
    assert_eq!(
        (chains.content(), chains.len(), chains.flux()),
        ([0, 0], 0, [0.0, 0.0])
    );
}

#[test]
fn a_chain_resumed_is_as_if_it_had_been_started_then() {
    let mut started = Chains::new();
    start(&mut started, 2, 5_000);
    started.open(3_000, NO_LIMIT);
    assert_eq!(run(&mut started), NONE);
    let [of_first, of_second] = started.post();
    let mut resumed = Chains::new();
    resumed.resume(2, 5_000, 3_000, amounts(2));
    assert_eq!(
        resumed.post(),
        [0, 0],
        "what it holds has been paid for elsewhere"
    );
    assert_eq!(resumed.content(), [of_first, of_second]);
    for chains in [&mut started, &mut resumed] {
        chains.open(2_000, NO_LIMIT);
        assert_eq!(run(chains), [2]);
        assert_eq!(chains.post(), [33 - of_first, 67 - of_second]);
    }
}

#[test]
fn chains_are_done_in_the_order_of_the_clock_and_ties_in_a_fixed_order() {
    let order = |starts: &[(u32, u64)]| {
        let mut chains = Chains::new();
        for &(unit, duration) in starts {
            start(&mut chains, unit, duration);
        }
        chains.open(10_000, NO_LIMIT);
        run(&mut chains)
    };
    assert_eq!(
        order(&[(0, 900), (1, 300), (2, 600), (3, 301)]),
        [1, 3, 2, 0]
    );
    assert_eq!(order(&[(3, 500), (1, 500), (2, 500)]), [1, 2, 3]);
    assert_eq!(order(&[(1, 500), (2, 500), (3, 500)]), [1, 2, 3]);
    assert_eq!(order(&[(0, 0)]), [0], "no chain takes no time");
}

#[test]
fn a_completion_beyond_the_interval_waits_for_the_next() {
    let mut chains = Chains::new();
    start(&mut chains, 0, 1_000);
    chains.open(999, NO_LIMIT);
    assert_eq!(chains.next_completion(), None);
    assert_eq!(run(&mut chains), NONE);
    chains.open(1, NO_LIMIT);
    assert_eq!(chains.next_completion(), Some(1_000));
    assert_eq!(run(&mut chains), [0]);
}

#[test]
fn the_clock_stops_where_the_budget_ends_and_goes_on_with_the_next() {
    let mut chains = Chains::new();
    start(&mut chains, 0, 1_000);
    start(&mut chains, 0, 1_000);
    // Two chains take 0.9 residues per tick between them.
    chains.open(800, [90, 0]);
    assert_eq!(run(&mut chains), NONE);
    assert_eq!(chains.clock(), 100);
    assert_eq!(chains.post(), [89, 0], "rounded down");
    chains.open(800, [0, 0]);
    assert_eq!(
        (run(&mut chains), chains.clock(), chains.post()),
        (NONE.to_vec(), 100, [0, 0])
    );
    chains.open(800, NO_LIMIT);
    assert_eq!((run(&mut chains), chains.clock()), (NONE.to_vec(), 900));
    // A chain that starts when the budget is all but gone stops the clock of all.
    chains.open(800, [10, 5]);
    chains.advance_to(902);
    start(&mut chains, 1, 100);
    assert_eq!((run(&mut chains), chains.clock()), (NONE.to_vec(), 902));
    assert!(chains.post()[1] <= 5);
}

#[test]
fn a_fast_chain_does_not_hold_up_the_others_once_it_is_done() {
    let mut chains = Chains::new();
    start(&mut chains, 0, 1_000);
    start(&mut chains, 0, 100_000);
    // For its 1,000 ticks the first takes 0.45 residues per tick; 600 would last for 1,320 ticks of both.
    chains.open(50_000, [900, 0]);
    assert_eq!(run(&mut chains), [0]);
    assert_eq!(chains.clock(), 50_000, "450 and half of 450 are below 900");
    assert_eq!(chains.post(), [674, 0]);
}

#[test]
fn what_leaves_is_what_was_held() {
    let mut chains = Chains::new();
    for (unit, duration) in [(0, 1_000), (2, 2_000), (3, 3_000)] {
        start(&mut chains, unit, duration);
    }
    chains.open(500, NO_LIMIT);
    assert_eq!(run(&mut chains), NONE);
    chains.post();
    let before = chains.content();
    let (left, gone) = chains.retain(amounts, |entry| entry.unit != 3);
    assert_eq!(gone.iter().map(|entry| entry.unit).collect::<Vec<_>>(), [3]);
    assert_eq!([before[0] - left[0], before[1] - left[1]], chains.content());
    let mut never = Chains::new();
    for (unit, duration) in [(0, 1_000), (2, 2_000)] {
        start(&mut never, unit, duration);
    }
    never.open(500, NO_LIMIT);
    assert_eq!(run(&mut never), NONE);
    never.post();
    assert_eq!(
        (never.content(), never.flux()),
        (chains.content(), chains.flux()),
        "as if it had never been"
    );
}

/// Starts, and intervals with their budget.
fn history() -> impl Strategy<Value = Vec<(u32, u64, u64, i64)>> {
    prop::collection::vec(
        (0_u32..4, 1_u64..3_000_000, 0_u64..600_000, 0_i64..4_000),
        1..30,
    )
}

proptest! {
    #[test]
    fn whatever_happens_finished_chains_took_their_amounts_and_no_budget_is_passed(history in history()) {
        let mut chains = Chains::new();
        let (mut posted, mut finished) = ([0, 0], [0, 0]);
        for (unit, duration, ticks, budget) in history {
            chains.open(ticks, [budget, 2 * budget]);
            start(&mut chains, unit, duration);
            let done = run(&mut chains);
            let taken = chains.post();
            for n in 0..2 {
                // Rounding of the rates, settled at completion, is all that may pass the budget.
                let settled = i64::try_from(done.len()).unwrap();
                prop_assert!(taken[n] >= 0 && taken[n] <= [budget, 2 * budget][n] + settled);
                posted[n] += taken[n];
                finished[n] += done.iter().map(|&unit| i64::from(amounts(unit)[n])).sum::<i64>();
                prop_assert_eq!(posted[n], finished[n] + chains.content()[n]);
            }
        }
        chains.open(u64::MAX >> 20, [1 << 30; 2]);
        let done = run(&mut chains);
        let taken = chains.post();
        for n in 0..2 {
            let last: i64 = done.iter().map(|&unit| i64::from(amounts(unit)[n])).sum();
            prop_assert_eq!(posted[n] + taken[n], finished[n] + last);
            prop_assert_eq!((chains.progress[n], chains.flux[n]), (0, 0), "nothing is left behind");
        }
    }

    #[test]
    fn a_saved_state_goes_on_as_if_nothing_had_happened(history in history(), more in history()) {
        let mut chains = Chains::new();
        for (unit, duration, ticks, budget) in history {
            chains.open(ticks, [budget, 2 * budget]);
            start(&mut chains, unit, duration);
            run(&mut chains);
            chains.post();
        }
        let known = |unit: u32| AMOUNTS.get(unit as usize).copied();
        let mut back = Chains::from_state(&chains.state(), known).expect("the state of running chains");
        prop_assert_eq!((back.flux, back.progress, back.clock), (chains.flux, chains.progress, chains.clock));
        for (unit, duration, ticks, budget) in more {
            for chains in [&mut chains, &mut back] {
                chains.open(ticks, [budget, 2 * budget]);
                start(chains, unit, duration);
            }
            prop_assert_eq!(run(&mut chains), run(&mut back));
            prop_assert_eq!(chains.post(), back.post());
            prop_assert_eq!(chains.state(), back.state());
        }
    }
}

#[test]
fn states_that_no_clock_leaves_behind_are_refused() {
    let known = |unit: u32| AMOUNTS.get(unit as usize).copied();
    let read = |state: &ChainsState| Chains::<2>::from_state(state, known);
    let check = |what: &str, change: fn(&mut ChainsState)| {
        let mut chains = Chains::new();
        start(&mut chains, 0, 1_000);
        chains.open(500, NO_LIMIT);
        run(&mut chains);
        chains.post();
        let mut state = chains.state();
        assert!(read(&state).is_some());
        change(&mut state);
        assert!(read(&state).is_none(), "accepted: {what}");
    };
    check("due in the past", |state| state.entries[0].key = 499);
    check("started in the future", |state| {
        state.entries[0].key = 1_501;
    });
    check("takes no time", |state| {
        (state.entries[0].key, state.entries[0].duration) = (500, 0);
    });
    check("of an unknown unit", |state| state.entries[0].unit = 4);
    check("posted one kind of monomer", |state| {
        state.posted.pop();
    });
    check("posted three kinds of monomer", |state| {
        state.posted.push(0)
    });
    check("posted more than it holds", |state| state.posted[0] += 1);
    check("posted less than it holds", |state| state.posted[0] -= 1);
    check("longer than can be counted", |state| {
        let entry = &mut state.entries[0];
        (entry.key, entry.duration) = (500 + (1 << 63), 1 << 63);
    });
    check("a clock that is about to overflow", |state| {
        let ahead = u64::MAX - 1_000_000;
        state.clock += ahead - 500;
        state.entries[0].key += ahead - 500;
    });
}
