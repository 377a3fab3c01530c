//! Which VM a person means.

use bioxen::{VmId, VmStatus, nearest};

use crate::failure::Failure;

/// The VM of that name, or the only one whose name begins so.
pub(super) fn meant<'a>(text: &str, vms: &'a [VmStatus]) -> Result<&'a VmStatus, Failure> {
    meant_of(text, vms, |vm| &vm.id)
}

/// As [`meant`], among whatever has the name of a VM.
pub(super) fn meant_of<'a, T>(
    text: &str,
    all: &'a [T],
    id: impl Fn(&T) -> &VmId,
) -> Result<&'a T, Failure> {
    if let Some(exact) = all.iter().find(|one| id(one).as_str() == text) {
        return Ok(exact);
    }
    let begins = |one: &&T| !text.is_empty() && id(one).as_str().starts_with(text);
    let found: Vec<&T> = all.iter().filter(begins).collect();
    let name = text.to_owned();
    match found.as_slice() {
        [only] => Ok(only),
        [] => {
            let known: Vec<&str> = all.iter().map(|one| id(one).as_str()).collect();
            let nearest = nearest(text, &known).map(str::to_owned);
            Err(Failure::NoVm { name, nearest })
        }
        several => {
            let matches = several.iter().map(|one| id(one).to_string()).collect();
            Err(Failure::SeveralVms { name, matches })
        }
    }
}

/// The VM of exactly that name: where nobody is asked, a name that is gone must not mean another one that begins so.
pub(super) fn exact<'a>(text: &str, vms: &'a [VmStatus]) -> Result<&'a VmStatus, Failure> {
    let found = meant(text, vms)?;
    if found.id.as_str() == text {
        return Ok(found);
    }
    Err(Failure::NoVm {
        name: text.to_owned(),
        nearest: Some(found.id.to_string()),
    })
}

/// Whether there is a VM of exactly that name.
pub(super) fn is_there(id: &VmId, vms: &[VmStatus]) -> bool {
    vms.iter().any(|vm| vm.id == *id)
}

#[cfg(test)]
mod tests {
    use bioxen::VmStatus;

    use super::{exact, meant};
    use crate::output::vm::testing::status;

    fn vms(names: &[&str]) -> Vec<VmStatus> {
        names.iter().map(|name| status(name)).collect()
    }

    #[track_caller]
    fn check(text: &str, names: &[&str], expect: Result<&str, &str>) {
        let vms = vms(names);
        let found = meant(text, &vms);
        let found = found.map(|vm| vm.id.as_str()).map_err(|e| e.to_string());
        assert_eq!(
            found.as_ref().map_err(String::as_str),
            expect.as_ref().map_err(|e| *e)
        );
    }

    #[test]
    fn a_name_or_its_beginning_is_enough() {
        check("cell-1", &["cell-1", "cell-10"], Ok("cell-1"));
        check("cell-10", &["cell-1", "cell-10"], Ok("cell-10"));
        check("p", &["cell-1", "poor"], Ok("poor"));
        check("cell", &["cell-1", "poor"], Ok("cell-1"));
    }

    #[test]
    fn a_beginning_is_not_enough_where_nobody_is_asked() {
        let vms = vms(&["cell-10"]);
        assert!(exact("cell-10", &vms).is_ok());
        let refused = exact("cell-1", &vms).expect_err("it is gone");
        assert_eq!(refused.hint().as_deref(), Some("did you mean cell-10?"));
    }

    #[test]
    fn none_and_several_are_refused() {
        let several = "several VMs begin with \"cell\": cell-1, cell-2";
        check("cell", &["cell-1", "cell-2"], Err(several));
        let none = |text: &str| format!("no VM is named {text:?}, and none begins so");
        check("", &["cell-1"], Err(&none("")));
        check("ell", &["cell-1"], Err(&none("ell")));
        check("CELL-1", &["cell-1"], Err(&none("CELL-1")));
        check("x", &[], Err(&none("x")));
    }

    #[test]
    fn the_nearest_name_is_advice() {
        let vms = vms(&["cell-1", "poor"]);
        let refused = meant("pour", &vms).expect_err("it is not there");
        assert_eq!(refused.hint().as_deref(), Some("did you mean poor?"));
        assert_eq!(refused.code(), 3);
    }
}
