//! An installation that was noted down, carried out again as one step: whole, or not at all.
//!
//! The order is that of `trued/environment/transaction.py`: lock, compare, write the journal and wait until
//! the disk has it, make and link the files, commit, delete the journal. A failure undoes what was made, and
//! then trued itself does the whole work, and tells what is wrong; what this program leaves behind when it is
//! killed, trued undoes from the journal.

use crate::conditions::{self, path};
use crate::links::{self, make_folder, Failure};
use crate::replay::{Install, Made};
use crate::seal::{self, Seal};
use crate::system::{self, Deferred};
use std::ffi::{CStr, CString};
use std::fs::{self, File, OpenOptions};
use std::io::{Error, ErrorKind, Result, Write};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

const JOURNAL: &str = ".trued-journal";

/// Carries out the installation; tells whether it was. Where not, everything is as it was before.
pub fn carry_out(install: &Install) -> bool {
    let Ok(_locks) = locked(install) else { return false };
    if !conditions::hold(&install.conditions) {
        return false;
    }
    let Some(boot) = seal::boot() else { return false };
    let seals: Option<Vec<Seal>> = install.trees.iter().map(|tree| seal::read(tree, &boot)).collect();
    let Some(seals) = seals else { return false };
    system::survive_limits();
    let _deferred = Deferred::new(); // until all is done, or undone
    let Ok(journal) = Journal::write(install) else { return false };
    if let Err(failure) = bring(install, &seals) {
        journal.undo(&install.undo, &failure.in_the_way);
        return false;
    }
    seal::renew(install.trees.iter().map(|tree| tree.seal));
    if journal.commit().is_err() {
        journal.undo(&install.undo, &[]);
        return false;
    }
    journal.remove();
    true
}

/// Takes the lock of the packages' folder, alone, and that of the store, with others; waits for neither.
fn locked(install: &Install) -> Result<[OwnedFd; 2]> {
    let library = system::readable_folder(install.library)?;
    system::lock(&library, true)?;
    let here = CStr::from_bytes_with_nul(b".\0").map_err(Error::other)?;
    let held = system::status_in(&library, here)?;
    let there = system::status(install.library)?;
    if (held.device, held.inode) != (there.device, there.inode) {
        return Err(ErrorKind::NotFound.into()); // replaced meanwhile
    }
    let store = OwnedFd::from(OpenOptions::new().read(true).open(path(install.store_lock))?);
    system::lock(&store, false)?;
    Ok([library, store])
}

/// Makes and links every file.
fn bring(install: &Install, seals: &[Seal]) -> std::result::Result<(), Failure> {
    for folder in &install.folders {
        make_folder(folder)?;
    }
    for made in &install.made {
        write_new(made).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Failure::at(made.path.to_bytes().to_vec()),
            _ => Failure::default(),
        })?;
    }
    links::lay_out(install, seals)
}

fn write_new(made: &Made) -> Result<()> {
    let path = made.path.to_bytes();
    let end = path.iter().rposition(|byte| *byte == b'/').ok_or(ErrorKind::InvalidInput)?;
    let (folder, name) = (CString::new(&path[..end])?, CString::new(&path[end + 1..])?);
    let folder = match system::folder(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make_folder(&folder)?;
            system::folder(&folder)?
        }
        answer => answer?,
    };
    let permissions = if made.is_executable { 0o777 } else { 0o666 };
    File::from(system::new_file_in(&folder, &name, permissions)?).write_all(made.content)
}

/// The journal on the disk, in the form that trued reads.
struct Journal {
    library: PathBuf,
    folder: PathBuf,
}

impl Journal {
    /// Puts the journal on the disk, whole; nothing may change before this returns.
    fn write(install: &Install) -> Result<Self> {
        let library = path(install.library).to_path_buf();
        let folder = library.join(JOURNAL);
        let journal = Self { library, folder };
        fs::DirBuilder::new().mode(0o700).create(&journal.folder)?;
        journal.fill(install.journal).map_err(|error| {
            journal.remove();
            error
        })?;
        Ok(journal)
    }

    fn fill(&self, content: &[u8]) -> Result<()> {
        let draft = self.folder.join("draft");
        let mut file = OpenOptions::new().write(true).create_new(true).open(&draft)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(draft, self.folder.join("journal"))?;
        File::open(&self.folder)?.sync_all()?;
        File::open(&self.library)?.sync_all()
    }

    /// Makes the installation have happened.
    fn commit(&self) -> Result<()> {
        fs::rename(self.folder.join("journal"), self.folder.join("done"))?;
        File::open(&self.folder)?.sync_all()
    }

    /// Deletes what was made, but for `spared`, which is somebody else's; then the journal.
    ///
    /// What cannot be deleted leaves the journal where it is, and trued goes on from there.
    fn undo(&self, made: &[&CStr], spared: &[Vec<u8>]) {
        let _ = fs::rename(self.folder.join("done"), self.folder.join("journal")); // it is no longer done
        if made.iter().all(|one| removed(path(one), spared).is_ok()) {
            self.remove();
        }
    }

    fn remove(&self) {
        // What is left of it, trued finds: `journal` is undone, `done` is finished.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Deletes a file or a whole folder, but for what is spared; tells whether nothing is left.
fn removed(path: &Path, spared: &[Vec<u8>]) -> Result<bool> {
    if spared.iter().any(|one| one == path.as_os_str().as_bytes()) {
        return Ok(false);
    }
    let found = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
        found => found?,
    };
    if !found.is_dir() {
        return fs::remove_file(path).map(|()| true);
    }
    if spared.is_empty() {
        return fs::remove_dir_all(path).map(|()| true); // which nobody can lead elsewhere meanwhile
    }
    let mut is_empty = true;
    for entry in fs::read_dir(path)? {
        is_empty &= removed(&entry?.path(), spared)?;
    }
    if is_empty {
        fs::remove_dir(path)?;
    }
    Ok(is_empty)
}
