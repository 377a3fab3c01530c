//! Random constructs: what any manifest may ask for, within the limits and beyond them.

use proptest::prelude::*;

use super::super::construct::{
    Carrier, Construct, ConstructGene, ConstructUnit, Control, ControlAction,
};

/// Names of constructs, few enough that some are installed twice and some are there to be taken away.
pub(super) const NAMES: [&str; 3] = ["alpha", "beta", "gamma"];

/// Substances that take regulators off.
pub(super) const INDUCERS: [&str; 2] = ["IPTG", "aTc"];

/// A construct of up to three units; a host may refuse it.
pub(super) fn construct() -> impl Strategy<Value = Construct> {
    let units = prop::collection::vec(unit(), 0..4);
    (0..NAMES.len(), carrier(), units).prop_map(|(index, carrier, units)| {
        let name = NAMES[index];
        let named = units
            .into_iter()
            .enumerate()
            .map(|(n, unit)| ConstructUnit {
                name: format!("unit{n}"),
                genes: unit
                    .genes
                    .into_iter()
                    .enumerate()
                    .map(|(g, gene)| ConstructGene {
                        name: format!("{name}{n}{g}"),
                        ..gene
                    })
                    .collect(),
                // Regulators are genes of the same construct, where they exist.
                controls: unit
                    .controls
                    .into_iter()
                    .map(|control| Control {
                        regulator: format!("{name}{}", control.regulator),
                        ..control
                    })
                    .collect(),
                ..unit
            });
        Construct {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            carrier,
            units: named.collect(),
        }
    })
}

fn carrier() -> impl Strategy<Value = Carrier> {
    let plasmid = (100_u32..8000, 0.0..=1.0, 0.5..600.0);
    prop_oneof![
        plasmid.prop_map(|(length_bp, gc_content, copies)| Carrier::Plasmid {
            length_bp,
            gc_content,
            copies,
        }),
        (0_u32..600_000).prop_map(|position_bp| Carrier::Chromosome { position_bp }),
    ]
}

fn unit() -> impl Strategy<Value = ConstructUnit> {
    let half_life = prop_oneof![3 => Just(None), 1 => (1.0..1000.0).prop_map(Some)];
    let strength = prop_oneof![Just(0.0), 0.0..10.0, 0.0..1e4];
    (
        strength,
        0.0..=1.0,
        half_life,
        prop::collection::vec(gene(), 1..3),
        prop::collection::vec(control(), 0..3),
    )
        .prop_map(
            |(strength, leak, message_half_life_s, genes, controls)| ConstructUnit {
                name: String::new(),
                strength,
                leak,
                controls,
                message_half_life_s,
                genes,
            },
        )
}

fn gene() -> impl Strategy<Value = ConstructGene> {
    let translation = prop_oneof![2 => Just(1.0), 1 => 0.0..20.0];
    let time = || prop_oneof![Just(None), (1.0..5000.0).prop_map(Some)];
    (1_u32..1500, translation, time(), time()).prop_map(
        |(residues, translation, half_life_s, maturation_s)| ConstructGene {
            name: String::new(),
            residues,
            translation,
            half_life_s,
            maturation_s,
        },
    )
}

fn control() -> impl Strategy<Value = Control> {
    let inducer = prop::option::of(0..INDUCERS.len());
    (0_u32..2, any::<bool>(), 0.1..1e4, 0.1..8.0, inducer).prop_map(
        |(unit, represses, half_nm, hill, inducer)| Control {
            // Of the first gene of a unit, which need not be there.
            regulator: format!("{unit}0"),
            action: if represses {
                ControlAction::Represses
            } else {
                ControlAction::Activates
            },
            half_nm,
            hill,
            inducer: inducer.map(|index| INDUCERS[index].to_owned()),
        },
    )
}
