//! Genetic parts of a manifest: carrier, units, regulation and genes.

use bioxen_core::{GeneId, PackageName};
use bioxen_text::PartPath;

use super::reading::{Fields, Notes, Part, Range};
use crate::cell::limits::{self, Limits};
use crate::cell::{Carrier, ConstructGene, ConstructUnit, Control, ControlAction};

/// Most units of a package, genes of a unit, and so on.
const MOST_PARTS: usize = 50;

/// Longest names and words, characters.
pub(super) const WORD: usize = 64;
/// Longest descriptions, characters.
pub(super) const PROSE: usize = 2000;

const SECONDS_PER_MINUTE: f64 = 60.0;

/// The least of a time in minutes is a round number of them.
const HUNDREDTHS: f64 = 100.0;

/// A name and where it stands.
pub(super) type Placed = (PartPath, String);

/// Genetic parts with the places of what is to be compared.
#[derive(Debug, Default)]
pub(super) struct GeneticParts {
    pub(super) carrier: Option<Carrier>,
    pub(super) carrier_path: PartPath,
    pub(super) replicon: Option<String>,
    pub(super) units: Vec<ConstructUnit>,
    pub(super) unit_names: Vec<Placed>,
    pub(super) gene_names: Vec<Placed>,
    pub(super) regulators: Vec<Placed>,
    pub(super) notes: Vec<(String, String)>,
}

const CARRIER: [&str; 4] = ["replicon", "length_bp", "gc_content", "copy_number"];

/// The parts of a plasmid.
pub(super) fn plasmid(part: &Part<'_>, notes: &mut Notes) -> GeneticParts {
    let mut parts = GeneticParts::default();
    if let Some(fields) = part.fields(&CARRIER, &["units"], notes) {
        parts.plasmid(&fields, notes);
        parts.units(&fields, 0, notes);
    }
    parts
}

/// The parts of a circuit.
pub(super) fn circuit(part: &Part<'_>, notes: &mut Notes) -> GeneticParts {
    let mut parts = GeneticParts::default();
    let Some(fields) = part.fields(&["units"], &["position_bp", "plasmid"], notes) else {
        return parts;
    };
    match (fields.get("position_bp"), fields.get("plasmid")) {
        (Some(position), None) => {
            let bp = range(1.0..=20_000_000.0, "a position in bp");
            parts.carrier_path = position.path.clone();
            parts.carrier = position
                .count(bp, notes)
                .map(|position_bp| Carrier::Chromosome { position_bp });
        }
        (None, Some(plasmid)) => {
            if let Some(fields) = plasmid.fields(&CARRIER, &[], notes) {
                parts.plasmid(&fields, notes);
            }
        }
        (Some(position), Some(_)) => notes.add(
            &position.path,
            "a circuit is in the chromosome or on a plasmid, and this one is on both",
            Some("keep one of position_bp and plasmid".to_owned()),
        ),
        (None, None) => notes.add(
            &fields.path,
            "`position_bp` or `plasmid` is missing",
            Some("give position_bp in the chromosome, or a plasmid".to_owned()),
        ),
    }
    parts.units(&fields, 1, notes);
    parts
}

impl GeneticParts {
    fn plasmid(&mut self, fields: &Fields<'_>, notes: &mut Notes) {
        let replicon = fields.get("replicon").and_then(|p| p.text(WORD, notes));
        let length = fields
            .get("length_bp")
            .and_then(|p| p.count(range(limits::PLASMID_BP, "a length in bp"), notes));
        let gc = fields
            .get("gc_content")
            .and_then(|p| p.number(range(limits::GC_CONTENT, "a share"), notes));
        let copies = fields
            .get("copy_number")
            .and_then(|p| p.number(range(limits::COPIES, "copies per cell"), notes));
        self.replicon = replicon.map(str::to_owned);
        if let (Some(length_bp), Some(gc_content), Some(copies)) = (length, gc, copies) {
            self.carrier = Some(Carrier::Plasmid {
                length_bp,
                gc_content,
                copies,
            });
        }
    }

    fn units(&mut self, fields: &Fields<'_>, least: usize, notes: &mut Notes) {
        let Some(list) = fields.get("units") else {
            return;
        };
        for part in list.items(least, MOST_PARTS, notes) {
            if let Some(unit) = self.unit(&part, notes) {
                self.units.push(unit);
            }
        }
    }

    fn unit(&mut self, part: &Part<'_>, notes: &mut Notes) -> Option<ConstructUnit> {
        const OTHERS: [&str; 4] = ["leak", "regulation", "message_half_life_min", "description"];
        let fields = part.fields(&["name", "strength", "genes"], &OTHERS, notes)?;
        let name = self.named(&fields, notes);
        self.unit_names.extend(name.clone());
        let strength = fields.get("strength").and_then(|p| {
            let allowed = range(limits::STRENGTH, "multiples of the host's mean promoter,");
            p.number(allowed, notes)
        });
        let leak = match fields.get("leak") {
            Some(p) => p.number(range(limits::LEAK, "a share of the strength"), notes),
            None => Some(0.0),
        };
        let regulated = fields.get("regulation");
        let controls = regulated
            .iter()
            .flat_map(|p| p.items(1, MOST_PARTS, notes))
            .collect::<Vec<_>>()
            .iter()
            .filter_map(|p| self.control(p, notes))
            .collect();
        if let (Some(leak), None) = (fields.get("leak"), regulated) {
            notes.add(
                &leak.path,
                "a promoter that nothing regulates has no leak",
                Some("remove it, or say under regulation what closes the promoter".to_owned()),
            );
        }
        let message_half_life_s = minutes(
            &fields,
            "message_half_life_min",
            &limits::MESSAGE_HALF_LIFE_S,
            notes,
        );
        let genes = fields
            .get("genes")
            .map(|p| p.items(1, MOST_PARTS, notes))
            .unwrap_or_default()
            .iter()
            .filter_map(|p| self.gene(p, notes))
            .collect();
        Some(ConstructUnit {
            name: name?.1,
            strength: strength?,
            leak: leak?,
            controls,
            message_half_life_s,
            genes,
        })
    }

    fn control(&mut self, part: &Part<'_>, notes: &mut Notes) -> Option<Control> {
        const ACTIONS: [(&str, ControlAction); 2] = [
            ("represses", ControlAction::Represses),
            ("activates", ControlAction::Activates),
        ];
        let fields = part.fields(&["by", "action", "half_nM", "hill"], &["inducer"], notes)?;
        let by = fields.get("by").and_then(|p| gene_name(&p, notes));
        self.regulators.extend(by.clone());
        let action = fields.get("action").and_then(|p| p.word(&ACTIONS, notes));
        let half = fields
            .get("half_nM")
            .and_then(|p| p.number(range(limits::HALF_NM, "nM"), notes));
        let hill = fields
            .get("hill")
            .and_then(|p| p.number(range(limits::HILL, "a Hill coefficient"), notes));
        let inducer = fields.get("inducer").and_then(|p| p.text(WORD, notes));
        Some(Control {
            regulator: by?.1,
            action: action?,
            half_nm: half?,
            hill: hill?,
            inducer: inducer.map(str::to_owned),
        })
    }

    fn gene(&mut self, part: &Part<'_>, notes: &mut Notes) -> Option<ConstructGene> {
        const OTHERS: [&str; 4] = ["rbs", "half_life_min", "maturation_min", "description"];
        let fields = part.fields(&["name", "length_aa"], &OTHERS, notes)?;
        let name = fields.get("name").and_then(|p| gene_name(&p, notes));
        self.gene_names.extend(name.clone());
        self.describe(&fields, name.as_ref(), notes);
        let residues = fields
            .get("length_aa")
            .and_then(|p| p.count(range(limits::RESIDUES, "a length in residues"), notes));
        let translation = match fields.get("rbs") {
            Some(p) => p.number(
                range(
                    limits::BINDING_SITE,
                    "multiples of the host's mean binding site,",
                ),
                notes,
            ),
            None => Some(1.0),
        };
        let half_life_s = minutes(&fields, "half_life_min", &limits::PROTEIN_TIME_S, notes);
        let maturation_s = minutes(&fields, "maturation_min", &limits::PROTEIN_TIME_S, notes);
        Some(ConstructGene {
            name: name?.1,
            residues: residues?,
            translation: translation?,
            half_life_s,
            maturation_s,
        })
    }

    /// Name and description of a unit, whose names are those of packages but for upper case.
    fn named(&mut self, fields: &Fields<'_>, notes: &mut Notes) -> Option<Placed> {
        let part = fields.get("name")?;
        let name = part.text(WORD, notes)?;
        if PackageName::new(&name.to_ascii_lowercase()).is_err() {
            let what = format!("found {name:?}, allowed are 1 to {WORD} of A-Z a-z 0-9 - _");
            notes.add(&part.path, what, None);
            return None;
        }
        let placed = (part.path, name.to_owned());
        self.describe(fields, Some(&placed), notes);
        Some(placed)
    }

    fn describe(&mut self, fields: &Fields<'_>, name: Option<&Placed>, notes: &mut Notes) {
        let text = fields.get("description").and_then(|p| p.text(PROSE, notes));
        if let (Some(text), Some((_, name))) = (text, name) {
            self.notes.push((name.clone(), text.to_owned()));
        }
    }
}

fn gene_name(part: &Part<'_>, notes: &mut Notes) -> Option<Placed> {
    let name = part.text(GeneId::MAX_LEN, notes)?;
    if let Err(refused) = GeneId::new(name) {
        notes.add(&part.path, refused.to_string(), refused.hint());
        return None;
    }
    Some((part.path.clone(), name.to_owned()))
}

/// A time in minutes as seconds, within limits in seconds.
fn minutes(fields: &Fields<'_>, key: &str, limits: &Limits, notes: &mut Notes) -> Option<f64> {
    let least = (limits.start() / SECONDS_PER_MINUTE * HUNDREDTHS).ceil() / HUNDREDTHS;
    let most = (limits.end() / SECONDS_PER_MINUTE).floor();
    let allowed = range(least..=most, "minutes");
    let minutes = fields.get(key)?.number(allowed, notes)?;
    Some(minutes * SECONDS_PER_MINUTE)
}

fn range(allowed: Limits, of: &'static str) -> Range {
    let (least, most) = allowed.into_inner();
    Range { least, most, of }
}
