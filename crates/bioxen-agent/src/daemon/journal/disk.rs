//! What a journal needs of the operating system.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::path::Path;

/// Files in folders, as a journal uses them.
///
/// The seam where a test makes any call fail and cuts the power.
pub(crate) trait Disk {
    /// An open file; what is written to it goes to its end.
    type File;

    /// Opens a file that is there, to read it and to write at its end.
    fn open(&self, path: &Path) -> io::Result<Self::File>;

    /// Makes a new, empty file that only its owner can read and write.
    fn create(&self, path: &Path) -> io::Result<Self::File>;

    /// How many bytes a file has.
    fn length(&self, file: &Self::File) -> io::Result<u64>;

    /// The first so many bytes of a file that was just opened.
    fn read(&self, file: &mut Self::File, most: u64) -> io::Result<Vec<u8>>;

    /// Writes all of the bytes at the end; on an error, some of them may be there.
    fn write(&self, file: &mut Self::File, bytes: &[u8]) -> io::Result<()>;

    /// Returns when the bytes of a file and its length are on the disk.
    fn sync(&self, file: &mut Self::File) -> io::Result<()>;

    /// Cuts a file off at a length.
    fn cut(&self, file: &mut Self::File, length: u64) -> io::Result<()>;

    /// Gives a file another name, in place of the file that had that name.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file; one that is not there is no error.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Returns when the names in a folder are on the disk.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// A number that nobody can foretell.
    fn noise(&self) -> u64;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OsDisk;

impl Disk for OsDisk {
    type File = File;

    fn open(&self, path: &Path) -> io::Result<File> {
        let file = OpenOptions::new().read(true).append(true).open(path)?;
        if file.metadata()?.is_file() {
            Ok(file)
        } else {
            Err(io::Error::other("it is not a plain file"))
        }
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).append(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    }

    fn length(&self, file: &File) -> io::Result<u64> {
        Ok(file.metadata()?.len())
    }

    fn read(&self, file: &mut File, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &mut File) -> io::Result<()> {
        file.sync_data()
    }

    fn cut(&self, file: &mut File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        if cfg!(unix) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    fn noise(&self) -> u64 {
        RandomState::new().hash_one(())
    }
}
