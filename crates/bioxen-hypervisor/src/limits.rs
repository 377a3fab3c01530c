//! What a host allows each of its VMs, beside what its chassis has.

use bioxen_core::{AtpPercent, RibosomeCount, VmError};

use crate::capacity::Claim;
use crate::cell::{Carrier, Construct};
use crate::vm::InstallError;

/// Maxima and rules for each VM of a host; none binds unless given.
///
/// ```
/// use bioxen_core::AtpPercent;
/// use bioxen_hypervisor::{HypervisorConfig, VmLimits};
///
/// let limits = VmLimits { max_atp: Some(AtpPercent::new(70.0)?), ..VmLimits::default() };
/// let config = HypervisorConfig { limits, ..HypervisorConfig::default() };
/// assert_eq!(config.limits.max_ribosomes, None);
/// # Ok::<(), bioxen_core::InvalidNumber>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VmLimits {
    /// Most ATP of a VM, percent of the regeneration of its cell.
    pub max_atp: Option<AtpPercent>,
    /// Most ribosome units of a VM, in shares; physical ribosomes count as the shares that they are.
    pub max_ribosomes: Option<RibosomeCount>,
    /// Most bytes of the saved state of a cell at its birth and of its recorded history together.
    pub memory_bytes: Option<u64>,
    /// Refuses constructs that add genes.
    pub no_added_genes: bool,
    /// Refuses plasmids.
    pub no_plasmids: bool,
    /// Silences the genes of newborn cells that are scored as nonessential.
    pub essential_genes_only: bool,
    /// Refuses to start a minimal cell in which a basic function has no expressed gene.
    pub function_validation: bool,
}

impl VmLimits {
    pub(crate) fn check_claim(&self, claim: Claim) -> Result<(), VmError> {
        let Claim { atp, units } = claim;
        if let Some(limit) = self.max_atp.filter(|limit| atp > *limit) {
            return Err(VmError::AtpAboveLimit { asked: atp, limit });
        }
        if let Some(limit) = self.max_ribosomes.filter(|limit| units > *limit) {
            let asked = units;
            return Err(VmError::RibosomesAboveLimit { asked, limit });
        }
        Ok(())
    }

    pub(crate) fn check_construct(&self, construct: &Construct) -> Result<(), InstallError> {
        let package = construct.name.clone();
        if self.no_added_genes && construct.units.iter().any(|unit| !unit.genes.is_empty()) {
            return Err(InstallError::AddsGenes { package });
        }
        if self.no_plasmids && matches!(construct.carrier, Carrier::Plasmid { .. }) {
            return Err(InstallError::Plasmid { package });
        }
        Ok(())
    }
}
