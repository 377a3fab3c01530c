//! Names of the files of a store: `VM@NUMBER.bioxen`.
//!
//! The alphabet of VM ids has no `@`, so a name says which VM it is of, and temporary and lock files, which begin with `@`, are of none.

use std::ffi::OsStr;

use bioxen_core::VmId;

/// Extension of image files.
pub(super) const EXTENSION: &str = "bioxen";

/// The file that is locked by whoever saves.
pub(super) const LOCK: &str = "@lock";

/// How temporary files begin and end.
pub(super) const PARTIAL: (&str, &str) = ("@", ".partial");

/// Numbers are below this, so that there is always a next one.
const END: u64 = 1_000_000_000_000_000;

/// What a file is by its name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileName {
    /// An image of a VM; greater numbers are newer.
    Image { id: VmId, number: u64 },
    /// It has the extension of an image, and is not named like one.
    Misnamed,
    /// It was being written when its writer ended.
    Partial,
    /// Not ours.
    Foreign,
}

impl FileName {
    pub(super) fn of(name: &OsStr) -> Self {
        let Some(name) = name.to_str() else {
            return Self::Foreign;
        };
        if name.starts_with(PARTIAL.0) && name.ends_with(PARTIAL.1) {
            return Self::Partial;
        }
        let Some(stem) = name
            .strip_suffix(EXTENSION)
            .and_then(|stem| stem.strip_suffix('.'))
        else {
            return Self::Foreign;
        };
        let image = stem.split_once('@').and_then(|(id, number)| {
            let id = VmId::new(id).ok()?;
            let number = number.parse().ok().filter(|number| *number < END)?;
            // One name per number: "7" and "+7" are not "0000000007".
            (image_name(&id, number) == name).then_some(Self::Image { id, number })
        });
        image.unwrap_or(Self::Misnamed)
    }
}

pub(super) fn image_name(id: &VmId, number: u64) -> String {
    format!("{id}@{number:010}.{EXTENSION}")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use bioxen_core::VmId;

    use super::{END, FileName, LOCK, image_name};

    #[test]
    fn names_of_images_round_trip() {
        for id in ["cell-1", ".hidden", "a.b", "x.bioxen", &"n".repeat(63)] {
            let id = VmId::new(id).expect("plain names");
            for number in [0, 1, 9_999_999_999, 10_000_000_000, END - 1] {
                let name = image_name(&id, number);
                let id = id.clone();
                assert_eq!(
                    FileName::of(OsStr::new(&name)),
                    FileName::Image { id, number }
                );
            }
        }
    }

    #[test]
    fn other_names_are_told_apart() {
        #[track_caller]
        fn check(name: &str, expect: FileName) {
            assert_eq!(FileName::of(OsStr::new(name)), expect);
        }
        check("cell@7.bioxen", FileName::Misnamed);
        check("cell@+000000007.bioxen", FileName::Misnamed);
        check("cell@00000000007.bioxen", FileName::Misnamed);
        check("cell@1000000000000000.bioxen", FileName::Misnamed);
        check("cell@18446744073709551616.bioxen", FileName::Misnamed);
        check("ce ll@0000000007.bioxen", FileName::Misnamed);
        check("@0000000007.bioxen", FileName::Misnamed);
        check("cell.bioxen", FileName::Misnamed);
        check(".bioxen", FileName::Misnamed);
        check("bioxen", FileName::Foreign);
        check("cell@0000000007.bioxen~", FileName::Foreign);
        check("notes.txt", FileName::Foreign);
        check(LOCK, FileName::Foreign);
        check("@Ab3x.partial", FileName::Partial);
        check("notes.partial", FileName::Foreign);
    }
}
