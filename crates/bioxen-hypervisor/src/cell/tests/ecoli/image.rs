//! Images of E. coli that must be refused, and for which reason.

use std::error::Error;

use super::super::super::Cell;
use super::super::super::replication::MOST_ROUNDS;
use super::super::image::{add_round, restored, with_closed_books};
use super::super::run;
use super::{born, ecoli};

/// A cell between two steps, with rounds of replication under way.
fn living() -> Cell {
    let mut cell = born(&super::super::organisms::dividing(100.0), "saved");
    run(&mut cell, 2);
    assert!(restored(&cell).is_ok(), "sound as it is");
    cell
}

/// Wants a changed copy of the cell, with the ledger and the size changed along, to be refused for `reason`.
#[track_caller]
fn check(cell: &Cell, reason: &str, what: &str, spoil: fn(&mut Cell)) {
    let mut cell = cell.clone();
    with_closed_books(&mut cell, spoil);
    cell.grow();
    let error = match restored(&cell) {
        Ok(_) => panic!("accepted: {what}"),
        Err(error) => error,
    };
    let source = error.source().expect("decoding has a cause").to_string();
    assert_eq!(source, format!("no cell can be so: {reason}"), "{what}");
}

#[test]
fn vectors_of_regulation_have_one_entry_each() {
    let cell = living();
    let length = |what: &str, spoil: fn(&mut Cell)| {
        // These cannot be counted anew, so the books are left alone.
        let mut cell = cell.clone();
        spoil(&mut cell);
        let error = restored(&cell).expect_err(what);
        let source = error.source().expect("decoding has a cause").to_string();
        assert_eq!(
            source, "no cell can be so: gene vectors have the wrong length",
            "{what}"
        );
    };
    length("one unit alone", |cell| cell.genes.regulation.truncate(1));
    length("one unit more", |cell| cell.genes.regulation.push(1.0));
    length("no regulation", |cell| cell.genes.regulation.clear());
    length("one gene alone", |cell| cell.genes.feedback.truncate(1));
    length("no feedback", |cell| cell.genes.feedback.clear());
    length("a time more", |cell| cell.genes.transcribed_at.push(0.0));
    length("no times", |cell| cell.genes.transcribed_at.clear());
    length("units as many as genes", |cell| {
        cell.genes.free = vec![0; cell.model.products.len()];
    });
}

#[test]
fn regulation_that_no_cell_can_have_is_refused() {
    let cell = living();
    let refuse = |what: &str, spoil: fn(&mut Cell)| check(&cell, "regulation", what, spoil);
    refuse("no phase", |cell| cell.phase = None);
    refuse("no ppGpp", |cell| cell.regulation = None);
    for level in [f64::NAN, -1.0, f64::INFINITY, 1e300] {
        let mut spoiled = cell.clone();
        spoiled.regulation.as_mut().expect("it has some").ppgpp = level;
        check(&spoiled, "regulation", &format!("ppGpp of {level}"), |_| {});
        let mut spoiled = cell.clone();
        let state = spoiled.regulation.as_mut().expect("it has some");
        state.supplier_residues = level;
        check(
            &spoiled,
            "regulation",
            &format!("{level} suppliers"),
            |_| {},
        );
        let mut spoiled = cell.clone();
        let phase = spoiled.phase.as_mut().expect("it has one");
        phase.hibernating = level;
        check(&spoiled, "regulation", &format!("{level} asleep"), |_| {});
        let mut spoiled = cell.clone();
        spoiled.genes.regulation[7] = level;
        check(&spoiled, "regulation", &format!("factor {level}"), |_| {});
        let mut spoiled = cell.clone();
        spoiled.genes.feedback[7] = level;
        check(&spoiled, "regulation", &format!("feedback {level}"), |_| {});
    }
    refuse("a transcript of tomorrow", |cell| {
        cell.genes.transcribed_at[7] = 1e9;
    });
    refuse("a transcript of no time", |cell| {
        cell.genes.transcribed_at[7] = f64::NAN;
    });
}

#[test]
fn stable_units_leave_no_messages() {
    let cell = living();
    let refuse = |what: &str, spoil: fn(&mut Cell)| check(&cell, "genes", what, spoil);
    fn stable(cell: &Cell) -> usize {
        let units = &cell.model.units;
        units.iter().position(|unit| !unit.message).expect("rRNA")
    }
    refuse("free messages", |cell| {
        let unit = stable(cell);
        cell.genes.free[unit] = 1;
    });
    refuse("decaying messages", |cell| {
        let unit = stable(cell);
        cell.genes.decaying[unit] = 1;
    });
    refuse("waiting for no translocon", |cell| {
        cell.genes.waiting_count[5] = 1;
        cell.genes.products[5] = cell.genes.products[5].max(1);
    });
}

#[test]
fn chains_that_nothing_works_on_are_refused() {
    let cell = living();
    let reason = "machines at work and their transcripts differ";
    let refuse = |what: &str, spoil: fn(&mut Cell)| check(&cell, reason, what, spoil);
    refuse("a ribosome less", |cell| cell.ribosomes.bound -= 1);
    refuse("a polymerase less", |cell| cell.rnap.bound -= 1);
    refuse("a ribosome elsewhere", |cell| {
        let on = cell.genes.translating.iter().position(|n| *n > 0);
        let gene = on.expect("ribosomes are at work");
        cell.genes.translating[gene] -= 1;
        cell.genes.translating[gene + 1] += 1;
    });
    refuse("a polymerase elsewhere", |cell| {
        let on = cell.genes.held.iter().position(|n| *n > 0);
        let unit = on.expect("polymerases are at work");
        cell.genes.held[unit] -= 1;
        cell.genes.held[unit + 1] += 1;
    });
    refuse("decay of nothing", |cell| {
        let units = &cell.model.units;
        let unit = units.iter().position(|unit| unit.message).expect("mRNA");
        cell.genes.decaying[unit] += 1;
    });
}

#[test]
fn media_that_there_are_not_are_refused() {
    let cell = living();
    let refuse = |what: &str, spoil: fn(&mut Cell)| {
        check(&cell, "sizes and rates", what, spoil);
    };
    refuse("nutrition is not a number", |cell| {
        cell.medium.nutrition = f64::NAN;
    });
    refuse("too much of it", |cell| cell.medium.nutrition = 1e9);
    refuse("less than no energy", |cell| cell.medium.energy = -1.0);
    refuse("no volume", |cell| cell.medium.volume_al = 0.0);
    refuse("a volume that is not one", |cell| {
        cell.medium.volume_al = f64::NAN;
    });
    refuse("glucose without end", |cell| {
        cell.medium.glucose_mm = f64::INFINITY;
    });
}

#[test]
fn rounds_out_of_step_are_refused() {
    let cell = living();
    assert_eq!(cell.chromosome.rounds.len(), 3);
    let refuse = |what: &str, spoil: fn(&mut Cell)| check(&cell, "chromosome", what, spoil);
    refuse("a round twice", |cell| {
        let last = cell.chromosome.rounds[2];
        cell.chromosome.rounds.push(last);
    });
    refuse("the youngest first", |cell| {
        cell.chromosome.rounds.reverse()
    });
    refuse("the oldest lost", |cell| {
        cell.chromosome.rounds.remove(0);
    });
    refuse("one in the middle lost", |cell| {
        cell.chromosome.rounds.remove(1);
    });
    refuse("an odd number of origins", |cell| {
        cell.chromosome.rounds[2].origins = 3;
    });
    refuse("no origins", |cell| cell.chromosome.rounds[2].origins = 0);
    refuse("one that overtakes the one before", |cell| {
        cell.chromosome.rounds[2].copied_bp = cell.chromosome.rounds[1].copied_bp + 1;
    });
    refuse("one that has passed more units", |cell| {
        cell.chromosome.rounds[2].units_passed = cell.chromosome.rounds[1].units_passed + 1;
    });
    refuse("a promoter more", |cell| cell.genes.dose[9] += 1);
    refuse("more rounds than any cell has", |cell| {
        let now = cell.seconds();
        for doublings in 3..=MOST_ROUNDS {
            add_round(cell, 1 << doublings, now);
        }
    });
}

/// What forks have copied says which units they have passed.
#[test]
fn units_passed_without_copying_are_refused() {
    let mut cell = living();
    let model = std::sync::Arc::clone(cell.model());
    with_closed_books(&mut cell, |cell| {
        let passed = cell.chromosome.rounds[1].units_passed;
        cell.chromosome.rounds[2].units_passed = passed;
        for (rank, &(_, unit)) in model.chromosome.order.iter().enumerate() {
            cell.genes.dose[unit] = cell.chromosome.copies(rank);
        }
    });
    assert!(
        restored(&cell).is_err(),
        "accepted: units passed by no fork"
    );
}

/// Whatever is accepted can be run. Of each factor the greatest in range, all at once, on as many promoters as there may
/// be: sums of their weights must not overflow.
#[test]
fn the_greatest_factors_that_are_accepted_can_be_summed() {
    let mut cell = born(&ecoli(), "greatest");
    let length = cell.model.chromosome.length_bp;
    let units = u32::try_from(cell.model.chromosome.order.len()).expect("few units");
    with_closed_books(&mut cell, |cell| {
        cell.genes.activity.fill(1000.0);
        cell.genes.regulation.fill(16.0);
        cell.genes.feedback.fill(16.0);
        for (messages, unit) in cell.genes.free.iter_mut().zip(&cell.model.units) {
            *messages = if unit.message { (1 << 24) - 1 } else { 0 };
        }
        cell.chromosome.rounds.clear();
        for doublings in 0..MOST_ROUNDS {
            let round = add_round(cell, 1 << doublings, 0.0);
            round.copied_bp = length;
            round.units_passed = units;
        }
        let copies = cell.chromosome.origins();
        cell.genes.dose.fill(copies);
    });
    cell.grow();
    let cell = match restored(&cell) {
        Ok(cell) => cell,
        Err(error) => panic!("refused, so choose smaller ones: {error:?}"),
    };
    let (mut promoters, mut messages) = (0.0, 0.0);
    for unit in 0..cell.genes.dose.len() {
        promoters += cell.genes.promoters.weight(unit) as f64;
    }
    for gene in 0..cell.genes.products.len() {
        messages += cell.genes.messages.weight(gene) as f64;
    }
    for (sum, kept) in [
        (promoters, cell.genes.promoters.total()),
        (messages, cell.genes.messages.total()),
    ] {
        assert!(
            (sum / kept as f64 - 1.0).abs() < 1e-9,
            "weights add up to {sum:e}, not to {kept:e}"
        );
    }
}
