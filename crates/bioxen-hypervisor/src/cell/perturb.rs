//! Changes that a user makes to a living cell. They make nothing by themselves: polymerases, nucleotides and ribosomes
//! for a stronger gene are taken from the others.

use std::sync::Arc;

use bioxen_core::{GeneId, SimSpan, TranscriptionChange, VmError};

use super::Cell;
use crate::genome::{BasicFunction, Essentiality, GeneIdx, GeneKind, UnknownGene};

/// Greatest multiplier of `start_transcription`, and the greatest promoter strength it leads to: the strength at which
/// a polymerase runs at 85 nt/s.
const MOST_ACTIVITY: f64 = 4.0;
const MOST_STRENGTH: f64 = 4.25;

impl Cell {
    /// Sets the promoters of `genes` to their on value, min(4, 4.25/S), until [`Cell::stop_transcription`].
    ///
    /// Takes effect at once, that is, from the next coupling step on. All or nothing.
    ///
    /// # Errors
    ///
    /// When a gene is unknown, or known and never expressed (pseudogenes and the RNAs that the model leaves out).
    pub fn start_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        self.set_activity(genes, |strength| {
            (MOST_STRENGTH / strength).clamp(1.0, MOST_ACTIVITY)
        })
    }

    /// Sets the promoters of `genes` back to their reference activity. All or nothing.
    ///
    /// # Errors
    ///
    /// As [`Cell::start_transcription`].
    pub fn stop_transcription(
        &mut self,
        genes: &[GeneId],
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        self.set_activity(genes, |_| 1.0)
    }

    /// Silences all copies of `genes`: what they made is diluted from now on. All or nothing.
    ///
    /// # Errors
    ///
    /// As [`Cell::start_transcription`].
    pub fn knock_out(&mut self, genes: &[GeneId]) -> Result<(), VmError> {
        for gene in self.expressed_all(genes)? {
            self.genes.knocked_out[gene] = true;
            self.refresh(gene);
        }
        Ok(())
    }

    /// Silences the genes that are scored as nonessential, as [`Cell::knock_out`] does.
    pub(crate) fn silence_nonessential(&mut self) {
        let model = Arc::clone(&self.model);
        for (index, gene) in model.genome().iter() {
            let (index, kind) = (index.index(), gene.kind);
            if gene.essentiality == Essentiality::Nonessential && why_not_expressed(kind).is_none()
            {
                self.genes.knocked_out[index] = true;
                self.refresh(index);
            }
        }
    }

    /// The first basic function of which no gene is expressed.
    pub(crate) fn silent_function(&self) -> Option<BasicFunction> {
        BasicFunction::ALL.into_iter().find(|function| {
            let mut genes = self.model.genome().iter();
            !genes.any(|(index, gene)| {
                gene.basic_function == Some(*function)
                    && why_not_expressed(gene.kind).is_none()
                    && !self.genes.knocked_out[index.index()]
            })
        })
    }

    /// Multiplies the promoter of `gene` by `factor` (finite, 0 to 1).
    ///
    /// # Errors
    ///
    /// As [`Cell::start_transcription`], and when the factor is out of range.
    pub fn knock_down(&mut self, gene: &GeneId, factor: f64) -> Result<(), VmError> {
        if !(0.0..=1.0).contains(&factor) {
            return Err(VmError::Backend {
                context: "knock_down needs a factor from 0 to 1",
                source: format!("factor {factor} for gene {gene}").into(),
            });
        }
        let gene = self.expressed(gene)?;
        self.genes.knock_down[gene] = factor;
        self.refresh(gene);
        Ok(())
    }

    /// Undoes knock-outs and knock-downs of `genes`. All or nothing.
    ///
    /// # Errors
    ///
    /// As [`Cell::start_transcription`].
    pub fn restore_gene(&mut self, genes: &[GeneId]) -> Result<(), VmError> {
        for gene in self.expressed_all(genes)? {
            self.genes.knocked_out[gene] = false;
            self.genes.knock_down[gene] = 1.0;
            self.refresh(gene);
        }
        Ok(())
    }

    /// Locus tags of the essential protein genes, in genome order.
    ///
    /// # Panics
    ///
    /// Never: locus tags of a gene table are valid names.
    pub fn essential_genes(&self) -> Vec<GeneId> {
        self.model
            .genome()
            .genes()
            .iter()
            .filter(|gene| {
                gene.kind == GeneKind::Cds && gene.essentiality == Essentiality::Essential
            })
            .map(|gene| {
                GeneId::new(&gene.locus_tag).expect("the gene table has checked its locus tags")
            })
            .collect()
    }

    /// The gene of this name.
    ///
    /// # Errors
    ///
    /// When no gene, or more than one, carries the name.
    pub fn find_gene(&self, name: &str) -> Result<GeneIdx, VmError> {
        self.model.genome().find(name).map_err(|error| {
            let nearest = match &error {
                UnknownGene::Missing { nearest, .. } => nearest.clone(),
                UnknownGene::Ambiguous { locus_tags, .. } => locus_tags.clone(),
            };
            VmError::UnknownGene {
                name: error.name().to_owned(),
                nearest,
            }
        })
    }

    fn set_activity(
        &mut self,
        genes: &[GeneId],
        value: impl Fn(f64) -> f64,
    ) -> Result<Vec<TranscriptionChange>, VmError> {
        let found = self.expressed_all(genes)?;
        let mut changes = Vec::with_capacity(found.len());
        for (id, gene) in genes.iter().zip(found) {
            let unit = self.model.products[gene].unit;
            let before = self.genes.activity[unit];
            let after = value(self.model.units[unit].strength);
            self.genes.activity[unit] = after;
            self.refresh(gene);
            changes.push(self.change(id, gene, before, after));
        }
        Ok(changes)
    }

    fn change(
        &self,
        id: &GeneId,
        gene: usize,
        activity_before: f64,
        activity_after: f64,
    ) -> TranscriptionChange {
        let (rates, _) = self.forecast(super::COUPLING_STEP.seconds());
        let product = &self.model.products[gene];
        let unit = &self.model.units[product.unit];
        // Of all copies, whether held now or not, and of one polymerase at least: an expectation, not the propensity now.
        let each = self.genes.promoter_weight(product.unit, &self.model);
        let weight = super::numbers::real(u64::from(self.genes.dose[product.unit]) * each);
        let per_s = rates.promoter * weight * f64::from(self.rnap.free().max(1));
        let speed = self.polymerase_speed(product.unit);
        let transcript_s =
            1.0 / per_s + f64::from(unit.length_nt()) / (speed * rates.transcription_speed);
        let binding = rates.ribosome * f64::from(self.ribosomes.free());
        let protein_s = transcript_s
            + 1.0 / binding
            + f64::from(product.residues)
                / (self.model.constants.ribosome_speed * rates.translation_speed);
        TranscriptionChange {
            gene: id.clone(),
            locus_tag: self.locus_tag(gene),
            activity_before,
            activity_after,
            expected_first_transcript: span(transcript_s),
            expected_first_protein: span(if product.is_message() {
                protein_s
            } else {
                transcript_s
            }),
        }
    }

    pub(crate) fn locus_tag(&self, gene: usize) -> GeneId {
        GeneId::new(&self.model.genome().genes()[gene].locus_tag)
            .expect("the gene table has checked its locus tags")
    }

    fn expressed_all(&self, genes: &[GeneId]) -> Result<Vec<usize>, VmError> {
        genes.iter().map(|gene| self.expressed(gene)).collect()
    }

    fn expressed(&self, gene: &GeneId) -> Result<usize, VmError> {
        let index = self.find_gene(gene.as_str())?.index();
        match why_not_expressed(self.model.products[index].kind) {
            None => Ok(index),
            Some(reason) => Err(VmError::NotExpressed {
                gene: gene.clone(),
                reason: reason.to_owned(),
            }),
        }
    }

    /// Brings the promoter and the messages of a gene in line with what was changed.
    fn refresh(&mut self, gene: usize) {
        let unit = self.model.products[gene].unit;
        self.genes.refresh_promoter(unit, &self.model);
        self.genes.refresh_message(gene, &self.model);
    }
}

/// Why a gene of this kind makes nothing; `None` for one that does.
pub(super) fn why_not_expressed(kind: GeneKind) -> Option<&'static str> {
    match kind {
        GeneKind::Cds | GeneKind::Trna | GeneKind::Rrna => None,
        GeneKind::Pseudo => Some("it is a pseudogene"),
        GeneKind::Phantom => Some("it is a phantom gene, which is no longer believed to exist"),
        GeneKind::Ncrna | GeneKind::Tmrna => Some("the model does not express this kind of RNA"),
    }
}

/// A waiting time; what will never come is the longest span there is.
fn span(seconds: f64) -> SimSpan {
    SimSpan::from_seconds(seconds).unwrap_or(SimSpan::from_micros(u64::MAX))
}
