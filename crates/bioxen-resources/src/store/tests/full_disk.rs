//! A disk that is full: a limit on the size of files makes writes fail in the same place.

use std::path::Path;
use std::process::Command;

use super::*;

const FOLDER: &str = "BIOXEN_TEST_FULL_DISK";

/// The child, which cannot write files of more than 64 KiB.
fn save_beyond_the_limit(folder: &Path) {
    let store = ImageStore::open(folder).expect("it is made by the parent");
    let single = folder.join("single");
    write_image_file(&single, &label("a", 1), &image(1, 1_000)).expect("small enough");
    save(&store, "a", 1);
    save(&store, "a", 2);
    let before = names(folder);

    let large = image(3, 200_000);
    let error = store.save(&label("a", 3), &large).expect_err("too large");
    check_told(
        &error,
        folder,
        r#"
error: cannot write "STORE/a@0000000003.bioxen"
cause: File too large (os error 27)
hint: make room for it or choose another disk; images that were there are as they were
"#,
    );
    let error = write_image_file(&single, &label("a", 3), &large).expect_err("too large");
    assert!(told(&error, folder).starts_with("error: cannot write \"STORE/single\"\n"));

    assert_eq!(names(folder), before, "no partial file, none removed");
    check_newest(&store.load_newest(&id("a")).expect("whole"), "a", 2);
    assert_eq!(
        read_image_file(&single).expect("whole").label,
        label("a", 1)
    );
    // When there is room again, it goes on.
    save(&store, "a", 4);
    check_newest(&store.load_newest(&id("a")).expect("whole"), "a", 4);
}

#[test]
fn a_failed_write_leaves_the_images_that_were_there() {
    // The child is this test too, told so by a variable.
    if let Some(folder) = variable(FOLDER) {
        return save_beyond_the_limit(Path::new(&folder));
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let this = std::env::current_exe().expect("a test binary has a path");
    // Blocks are of 512 or 1,024 bytes, as the shell likes. Without the trap the signal would kill the child.
    let output = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; ulimit -f 64; exec "$0" "$@""#])
        .arg(this)
        .args([
            "store::tests::full_disk::a_failed_write_leaves_the_images_that_were_there",
            "--exact",
        ])
        .env(FOLDER, folder.path())
        .output()
        .expect("there is a shell");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{stdout}");
    assert!(stdout.contains("1 passed"), "{stdout}");
}
