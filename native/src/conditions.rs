//! Whether everything is as it was when a run was noted down.

use crate::replay::Condition;
use crate::{sha256, system};
use std::ffi::{CStr, OsStr};
use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

const NEVER_WAIT: i32 = 0o4_000; // O_NONBLOCK: a pipe under a file's name must not hold the run up
const REGULAR: u32 = 0o100_000;
const KIND: u32 = 0o170_000;
const EVERYBODY_WRITES: u32 = 0o002;

/// Returns the path that a text names.
pub fn path(name: &CStr) -> &Path {
    Path::new(OsStr::from_bytes(name.to_bytes()))
}

/// Tells whether every one of the conditions holds.
pub fn hold(conditions: &[Condition]) -> bool {
    conditions.iter().all(|condition| holds(condition).unwrap_or(false))
}

fn holds(condition: &Condition) -> Option<bool> {
    Some(match condition {
        Condition::Absent(name) => match fs::symlink_metadata(path(name)) {
            Ok(_) => false,
            Err(error) => is_nothing_there(&error),
        },
        Condition::Content(name, expected) => content(name, expected.len())? == *expected,
        Condition::Digest(name, expected) => sha256::of(&content(name, usize::MAX - 1)?) == *expected,
        Condition::Identity(name, inode, size, modified) => {
            let found = system::status(name).ok()?;
            (found.inode, found.size, found.modified) == (*inode, *size, *modified)
        }
        Condition::Leads(name, expected) => {
            fs::canonicalize(path(name)).ok()?.as_os_str().as_bytes() == *expected
        }
        Condition::Holds(name, expected) => names(name)? == *expected,
        Condition::Open(name, expected) => {
            (system::status(name).ok()?.mode & EVERYBODY_WRITES != 0) == *expected
        }
        Condition::Between(since, until) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
            (*since..*until).contains(&i64::try_from(now).ok()?)
        }
    })
}

/// Returns the content of a regular file of at most so many bytes, or one byte more.
fn content(name: &CStr, most: usize) -> Option<Vec<u8>> {
    let file = fs::OpenOptions::new().read(true).custom_flags(NEVER_WAIT).open(path(name)).ok()?;
    let mut data = Vec::new();
    let about = file.metadata().ok()?;
    if !about.is_file() {
        return None;
    }
    file.take(most as u64 + 1).read_to_end(&mut data).ok()?;
    Some(data)
}

fn names(name: &CStr) -> Option<Vec<Vec<u8>>> {
    let entries = match fs::read_dir(path(name)) {
        Ok(entries) => entries,
        Err(error) if is_nothing_there(&error) => return Some(Vec::new()),
        Err(_) => return None,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.ok()?.file_name().as_bytes().to_vec());
    }
    names.sort_unstable();
    Some(names)
}

fn is_nothing_there(error: &std::io::Error) -> bool {
    const NOT_A_FOLDER: i32 = 20; // ENOTDIR
    error.kind() == ErrorKind::NotFound || error.raw_os_error() == Some(NOT_A_FOLDER)
}

/// Returns the content of a regular file that is this user's or root's alone to write; nothing of any other.
///
/// Whoever else may write a file, may have written it.
pub fn private_content(path: &Path) -> Option<Vec<u8>> {
    const NOT_THROUGH_LINKS: i32 = if cfg!(target_arch = "aarch64") { 0o100_000 } else { 0o400_000 };
    const OTHERS_WRITE: u32 = 0o022;
    const LARGEST: u64 = 256 * 1024 * 1024;
    use std::os::unix::fs::MetadataExt;
    let flags = NEVER_WAIT | NOT_THROUGH_LINKS;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path).ok()?;
    let found = file.metadata().ok()?;
    let is_own = [0, system::user()].contains(&found.uid());
    if found.mode() & KIND != REGULAR || found.mode() & OTHERS_WRITE != 0 || !is_own {
        return None;
    }
    if found.size() > LARGEST {
        return None; // not asked for at once: there may be no such memory
    }
    let mut data = Vec::with_capacity(usize::try_from(found.size()).ok()? + 1);
    file.take(LARGEST).read_to_end(&mut data).ok()?;
    Some(data)
}
