//! The mark on what is made in a pool.

use std::collections::BTreeMap;

use bioxen_agent::OpId;
use bioxen_core::{Organism, VmId};

use crate::ssh::Fingerprint;
use crate::value::Uuid;

/// Whose it is: the installation, a space, and the UUID of the very object.
///
/// A clone or a snapshot carries the words of its original, and is told by the UUID that is not its own.
pub(super) const OWNER: &str = "bioxen:owner";
/// Name of the biological VM.
pub(super) const VM: &str = "bioxen:vm";
/// Organism of its cell.
pub(super) const ORGANISM: &str = "bioxen:organism";
/// What the agent is asked to make, as a message of the guest protocol.
pub(super) const CREATE: &str = "bioxen:create";
/// Which VM has a host key of its own: its UUID, a space, and the fingerprint of the key.
pub(super) const HOST_KEY: &str = "bioxen:host-key";
/// How the VM was when it was last known, as a message of the guest protocol.
pub(super) const INSPECTION: &str = "bioxen:inspection";

/// The same, while the other is replaced: one of the two is always whole.
pub(super) const NEXT: &str = "bioxen:inspection-next";

/// The word under [`OWNER`].
pub(super) fn owner(installation: OpId, uuid: &Uuid) -> String {
    format!("{installation} {uuid}")
}

/// Whether an object bears the mark of an installation.
pub(super) fn is_ours(
    other_config: &BTreeMap<String, String>,
    installation: OpId,
    uuid: &Uuid,
) -> bool {
    other_config
        .get(OWNER)
        .is_some_and(|word| *word == owner(installation, uuid))
}

/// Whether an object, or what it was made of, bears the mark of an installation.
pub(super) fn is_of(other_config: &BTreeMap<String, String>, installation: OpId) -> bool {
    let word = other_config
        .get(OWNER)
        .and_then(|word| word.split(' ').next());
    word.is_some_and(|word| word == installation.to_string())
}

/// What the words of a guest say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) id: VmId,
    pub(super) organism: Organism,
}

impl Mark {
    /// The mark of an installation on a VM; `None` for a VM of somebody else, and for one that is not a guest yet.
    pub(super) fn read(
        other_config: &BTreeMap<String, String>,
        installation: OpId,
        uuid: &Uuid,
    ) -> Option<Self> {
        if !is_ours(other_config, installation, uuid) {
            return None;
        }
        Some(Self {
            id: VmId::new(other_config.get(VM)?).ok()?,
            organism: other_config.get(ORGANISM)?.parse().ok()?,
        })
    }
}

/// The word under [`HOST_KEY`].
pub(super) fn host_key(uuid: &Uuid, fingerprint: &Fingerprint) -> String {
    format!("{uuid} {fingerprint}")
}

/// Whether a guest has a host key of its own; a clone carries the word of its original.
pub(super) fn has_own_host_key(other_config: &BTreeMap<String, String>, uuid: &Uuid) -> bool {
    let word = other_config
        .get(HOST_KEY)
        .and_then(|word| word.split(' ').next());
    word.is_some_and(|word| word == uuid.as_str())
}

/// Name of a VM that is being made by an operation.
pub(super) fn name_in_the_making(installation: OpId, op: OpId) -> String {
    format!("bioxen-op-{installation}-{op}")
}

/// The operation in the name of a VM that an installation is making, or was making.
pub(super) fn op_of(installation: OpId, name: &str) -> Option<OpId> {
    let rest = name.strip_prefix("bioxen-op-")?;
    let op = rest.strip_prefix(&installation.to_string())?;
    op.strip_prefix('-')?.parse().ok()
}

/// Name of a guest, for people.
pub(super) fn public_name(organism: Organism, id: &VmId) -> String {
    format!("bioxen-{organism}-{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_clone_carries_is_not_its_own() {
        let installation = OpId::new([1; 16]).expect("not all zero");
        let uuid = Uuid::new("11111111-1111-1111-1111-111111111111").expect("a uuid");
        let other = Uuid::new("22222222-2222-2222-2222-222222222222").expect("a uuid");
        let mut words = BTreeMap::from([
            (OWNER.to_owned(), owner(installation, &uuid)),
            (VM.to_owned(), "cell-1".to_owned()),
            (ORGANISM.to_owned(), "syn3a".to_owned()),
        ]);
        let mark = Mark::read(&words, installation, &uuid).expect("all words are there");
        assert_eq!(
            (mark.id.as_str(), mark.organism),
            ("cell-1", Organism::Syn3a)
        );
        assert_eq!(Mark::read(&words, installation, &other), None);
        let foreign = OpId::new([2; 16]).expect("not all zero");
        assert_eq!(Mark::read(&words, foreign, &uuid), None);
        words.remove(VM);
        assert_eq!(Mark::read(&words, installation, &uuid), None);
    }
}
