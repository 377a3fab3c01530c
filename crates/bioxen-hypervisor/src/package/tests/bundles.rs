//! Bundles: what is packed is read again, and what is hostile is not.

use std::fs;

use super::super::{BUNDLE_ENDING, BundleError, LibraryError, Origin, Package, PackageLibrary};

fn growth() -> Package {
    let found = PackageLibrary::built_in().find("growth");
    found.expect("it is built in").package
}

fn zipped(archive: &[u8]) -> Vec<u8> {
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    ruzstd::encoding::compress_to_vec(archive, level)
}

/// One entry of an archive, whatever its name and kind; names that the library refuses to write too.
fn entry(archive: &mut tar::Builder<Vec<u8>>, name: &str, kind: tar::EntryType, content: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_mode(0o644);
    header.set_size(u64::try_from(content.len()).unwrap());
    header.set_cksum();
    archive.append(&header, content).unwrap();
}

/// Files of `growth`, checksums first.
fn files() -> Vec<(String, String)> {
    let growth = growth();
    let sums: Vec<String> = growth
        .files
        .iter()
        .map(|file| format!("{}  {}\n", file.sha256, file.name))
        .collect();
    let files = growth.files.into_iter().map(|file| (file.name, file.text));
    [("SHA256SUMS".to_owned(), sums.concat())]
        .into_iter()
        .chain(files)
        .collect()
}

fn packed(files: &[(String, String)]) -> tar::Builder<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in files {
        let name = format!("growth/{name}");
        entry(
            &mut archive,
            &name,
            tar::EntryType::Regular,
            text.as_bytes(),
        );
    }
    archive
}

#[track_caller]
fn refused(bytes: &[u8], expect: &str) -> BundleError {
    let error = Package::from_bundle(bytes).expect_err("it is refused");
    assert_eq!(error.to_string(), expect);
    assert!(error.hint().is_some() || matches!(error, BundleError::Manifest { .. }));
    error
}

#[test]
fn what_is_packed_is_read_again_and_always_the_same_bytes() {
    let (listed, _) = PackageLibrary::built_in().list();
    for one in listed {
        let bundle = one.package.to_bundle().expect("it is in order");
        assert_eq!(one.package.to_bundle().expect("it is in order"), bundle);
        assert_eq!(
            Package::from_bundle(&bundle).expect("packed above"),
            one.package
        );
    }
    // The same file of the same name by any other hand is the same package.
    let other = zipped(&packed(&files()).into_inner().unwrap());
    assert_eq!(Package::from_bundle(&other).expect("in order"), growth());
}

#[test]
fn entries_that_are_no_plain_files_of_the_package_are_refused() {
    #[track_caller]
    fn check(name: &str, kind: tar::EntryType, expect: &str) {
        let mut archive = packed(&files());
        entry(&mut archive, name, kind, b"");
        let bundle = zipped(&archive.into_inner().unwrap());
        refused(&bundle, &format!("{name:?} in it {expect}"));
    }
    use tar::EntryType as Kind;
    let file = Kind::Regular;
    check("../evil.star", file, "leads out of its folder");
    check("growth/../../evil.star", file, "leads out of its folder");
    check("/etc/evil.star", file, "leads out of its folder");
    let other = "is not package.yaml, SHA256SUMS or a .star file in the folder of a package";
    check("evil.star", file, other);
    check("growth/deep/evil.star", file, other);
    check("growth/evil.so", file, other);
    check("growth\\evil.star", file, other);
    check("burden/evil.star", file, "is not in the folder \"growth\"");
    check("growth/evil.star", Kind::Symlink, "is a link");
    check("growth/evil.star", Kind::Link, "is a link");
    check("growth/evil.star", Kind::Char, "is a device");
    check("growth/evil.star", Kind::Fifo, "is a pipe");
    check("growth", Kind::Directory, "is a folder");
    check("growth/package.yaml", file, "is there twice");
    // Entries that give the next one another name or size.
    check("growth/evil.star", Kind::GNULongName, "is no plain file");
    check("growth/evil.star", Kind::XHeader, "is no plain file");
    check("growth/evil.star", Kind::GNUSparse, "is no plain file");
}

#[test]
fn sizes_are_bounded_before_anything_is_kept() {
    let mut many = packed(&files());
    for n in 0..70 {
        let name = format!("growth/f{n}.star");
        entry(&mut many, &name, tar::EntryType::Regular, b"");
    }
    refused(
        &zipped(&many.into_inner().unwrap()),
        "it has more than 64 files",
    );
    let mut large = packed(&files());
    entry(
        &mut large,
        "growth/large.star",
        tar::EntryType::Regular,
        &vec![b'#'; (1 << 20) + 1],
    );
    refused(
        &zipped(&large.into_inner().unwrap()),
        "\"growth/large.star\" in it has 1048577 bytes, allowed are 1048576",
    );
    // 65 MiB of zeros are a few kilobytes.
    let bomb = zipped(&vec![0; 65 << 20]);
    assert!(bomb.len() < 1 << 20, "{} bytes", bomb.len());
    refused(&bomb, "what is in it has more than 67108864 bytes");
    refused(&vec![0; (16 << 20) + 1], "it has more than 16777216 bytes");
    // A frame that asks for a window of 2 GiB: magic, descriptor without size, window descriptor.
    let window = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x01, 0x00, 0x00];
    refused(&window, "it is no Zstandard file, or a damaged one");
}

#[test]
fn damaged_bundles_are_refused_wherever_they_are_cut() {
    let good = growth().to_bundle().expect("it is in order");
    for cut in 0..good.len() {
        assert!(Package::from_bundle(&good[..cut]).is_err(), "cut at {cut}");
    }
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        // A change that the decoder does not see is one that changes nothing.
        if let Ok(read) = Package::from_bundle(&bad) {
            assert_eq!(read, growth(), "byte {at}");
        }
    }
    let archive = packed(&files()).into_inner().unwrap();
    for cut in [100, 600, archive.len() - 1500] {
        assert!(
            Package::from_bundle(&zipped(&archive[..cut])).is_err(),
            "archive cut at {cut}"
        );
    }
    let longer = [good.as_slice(), b"more"].concat();
    refused(&longer, "4 bytes follow its end");
    refused(b"plain text", "it is no Zstandard file, or a damaged one");
    refused(&zipped(b""), "it has no package.yaml");
}

#[test]
fn every_file_has_the_checksum_that_is_listed() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut Vec<(String, String)>), expect: &str) {
        let mut files = files();
        change(&mut files);
        refused(&zipped(&packed(&files).into_inner().unwrap()), expect);
    }
    let sum = growth().files[1].sha256.clone();
    check(
        |files| files[2].1 = "def doubling_time(): return 1\n".to_owned(),
        &format!(
            "growth.star has SHA-256 {}, and SHA256SUMS says {sum}",
            super::super::contents::sha256("def doubling_time(): return 1\n")
        ),
    );
    check(
        |files| files[0].0 = "sums.star".to_owned(),
        "it has no SHA256SUMS",
    );
    check(
        |files| files.push(("more.star".to_owned(), String::new())),
        "SHA256SUMS does not list more.star",
    );
    check(
        |files| files[0].1.push_str(&format!("{sum}  gone.star\n")),
        "SHA256SUMS lists \"gone.star\", which is not there",
    );
    check(
        |files| files[0].1.push_str("12  x\n"),
        "line 3 of SHA256SUMS is no checksum and name",
    );
    let growth_again = format!("{sum}  growth.star\n");
    check(
        |files| files[0].1.push_str(&growth_again),
        "line 3 of SHA256SUMS is no checksum and name",
    );
    check(
        |files| {
            files[1].1 = "name: x\n".to_owned();
            let again = super::super::contents::sha256("name: x\n");
            let old = growth().files[0].sha256.clone();
            files[0].1 = files[0].1.replace(&old, &again);
        },
        "its package.yaml is not in order",
    );
}

#[test]
fn bundles_are_found_beside_folders_the_newest_first() {
    let root = tempfile::tempdir().unwrap();
    let manifest = super::ANALYSIS;
    let put = |version: &str, file: &str| {
        let text = manifest.replacen("version: 1.0.0", &format!("version: {version}"), 1);
        let mut package = super::read(&text).expect("in order");
        package.version = version.to_owned();
        fs::write(root.path().join(file), package.to_bundle().unwrap()).unwrap();
        package
    };
    let name = super::read(manifest).expect("in order").name;
    let file = |version: &str| format!("{name}-{version}{BUNDLE_ENDING}");
    put("1.9.0", &file("1.9.0"));
    let newest = put("1.10.0", &file("1.10.0"));
    put("2.0.0", &file("3.0.0"));
    fs::write(root.path().join("broken-1.0.0.tar.zst"), "x").unwrap();
    let library = PackageLibrary::new(None, &[root.path().to_owned()]);
    let (listed, refused) = library.list();
    let built_in = PackageLibrary::built_in().list().0.len();
    let mine = &listed[built_in..];
    let versions: Vec<&str> = mine
        .iter()
        .map(|one| one.package.version.as_str())
        .collect();
    assert_eq!(versions, ["1.10.0", "1.9.0"]);
    assert!(mine[1].hidden_by.is_some());
    assert!(
        matches!(refused[0], LibraryError::Bundle { .. }),
        "{refused:?}"
    );
    assert!(
        matches!(&refused[1], LibraryError::Misnamed { wanted, .. } if *wanted == file("2.0.0")),
        "{refused:?}"
    );
    // What cannot be read is not passed over in silence.
    assert!(library.find(name.as_str()).is_err());
    fs::remove_file(root.path().join(file("3.0.0"))).unwrap();
    let found = library.find(name.as_str()).expect("two are there");
    assert_eq!(found.package, newest);
    assert_eq!(
        found.origin,
        Origin::Bundle(root.path().join(file("1.10.0")))
    );
}
