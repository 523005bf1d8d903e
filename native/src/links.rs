//! Linking the files of trees, each looked at before; what a seal does not vouch for is hashed first.

use crate::replay::{File, Group, Install};
use crate::seal::Seal;
use crate::sha256::Sha256;
use crate::system;
use std::ffi::CStr;
use std::io::{Error, Read};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Mutex;
use std::thread;

const FILES_A_BATCH: usize = 64;
const BATCHES_WORTH_A_THREAD: usize = 6;
/// What making a folder and opening its files costs, in bytes that could be hashed in the time.
const COST_OF_A_FOLDER: u64 = 128 * 1024;
const COST_WORTH_A_THREAD: u64 = 8 * 1024 * 1024;
const PIECE: usize = 128 * 1024;

/// Files could not be made or linked: they are not what was verified, or the system refused.
#[derive(Default)]
pub struct Failure {
    /// Where files stand that this run did not make.
    pub in_the_way: Vec<Vec<u8>>,
}

impl Failure {
    /// Returns that a file stands at `path`.
    pub fn at(path: Vec<u8>) -> Self {
        Self { in_the_way: vec![path] }
    }
}

impl From<Error> for Failure {
    fn from(_: Error) -> Self {
        Self::default()
    }
}

/// A tree and some of its groups.
type Job<'a, 'b> = (&'b Seal, &'b [u8], &'b Group<'a>);

/// Links every file of the trees of `install`; on failure some may be linked already.
pub fn lay_out(install: &Install, seals: &[Seal]) -> Result<(), Failure> {
    let batches = batches(install, seals);
    let work = Work {
        batches: &batches,
        next: AtomicUsize::new(0),
        failed: AtomicBool::new(false),
        failure: Mutex::new(None),
        hashes_all: install.hashes_all,
    };
    if batches.len() > 1 && install.workers > 1 {
        thread::scope(|scope| {
            // One who may have no more threads does it alone.
            let _ = thread::Builder::new().spawn_scoped(scope, || work.carry_out());
            work.carry_out();
        });
    } else {
        work.carry_out();
    }
    match work.failure.into_inner() {
        Ok(None) => Ok(()),
        Ok(Some(failure)) => Err(failure),
        Err(_) => Err(Failure::default()),
    }
}

/// Divides the folders of all trees into batches for the workers, one only where there is little to do.
fn batches<'a, 'b>(install: &'b Install<'a>, seals: &'b [Seal]) -> Vec<Vec<Job<'a, 'b>>> {
    let jobs = install
        .trees
        .iter()
        .zip(seals)
        .flat_map(|(tree, seal)| tree.groups.iter().map(move |group| (seal, tree.path, group)));
    if install.hashes_all {
        return by_cost(jobs.collect());
    }
    let mut batches: Vec<Vec<Job>> = vec![Vec::new()];
    let mut files = 0;
    for job in jobs {
        if files >= FILES_A_BATCH {
            batches.push(Vec::new());
            files = 0;
        }
        files += job.2.files.len();
        if let Some(last) = batches.last_mut() {
            last.push(job);
        }
    }
    if batches.len() < BATCHES_WORTH_A_THREAD {
        return vec![batches.into_iter().flatten().collect()];
    }
    from_both_ends(batches)
}

/// Puts the most costly first, so that no worker is left with a large one at the end.
fn by_cost<'a, 'b>(mut jobs: Vec<Job<'a, 'b>>) -> Vec<Vec<Job<'a, 'b>>> {
    let cost = |job: &Job| job.2.files.iter().map(|file| file.size).sum::<u64>() + COST_OF_A_FOLDER;
    if jobs.iter().map(cost).sum::<u64>() < COST_WORTH_A_THREAD {
        return vec![jobs];
    }
    jobs.sort_by_key(|job| std::cmp::Reverse(cost(job)));
    jobs.into_iter().map(|job| vec![job]).collect()
}

/// Orders batches so that two workers who take them in turn are far apart.
///
/// Beside each other they would wait for the lock of the folder that both make theirs in.
fn from_both_ends<T>(batches: Vec<T>) -> Vec<T> {
    let count = batches.len();
    let mut rest = std::collections::VecDeque::from(batches);
    (0..count).filter_map(|place| if place % 2 == 0 { rest.pop_front() } else { rest.pop_back() }).collect()
}

struct Work<'a, 'b> {
    batches: &'b [Vec<Job<'a, 'b>>],
    next: AtomicUsize,
    failed: AtomicBool,
    failure: Mutex<Option<Failure>>,
    hashes_all: bool,
}

impl Work<'_, '_> {
    /// Takes one batch after another until there are none, or until the first failure of anybody.
    fn carry_out(&self) {
        let mut buffer = Vec::new();
        while let Some(batch) = self.batches.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            for job in batch {
                if self.failed.load(Ordering::Relaxed) {
                    return;
                }
                if let Err(failure) = self.link_folder(job, &mut buffer) {
                    self.failed.store(true, Ordering::Relaxed);
                    if let Ok(mut kept) = self.failure.lock() {
                        kept.get_or_insert_with(Failure::default).in_the_way.extend(failure.in_the_way);
                    }
                    return;
                }
            }
        }
    }

    fn link_folder(&self, (seal, tree, group): &Job, buffer: &mut Vec<u8>) -> Result<(), Failure> {
        make_folder(group.target)?; // first: most are new
        let target = system::folder(group.target)?;
        let source = system::folder(&joined(tree, group.source))?;
        for (place, file) in group.files.iter().enumerate() {
            let inode = seal.inodes.get(group.first + place).copied().unwrap_or(0);
            if !self.is_intact(file, &source, seal, inode, buffer) {
                return Err(Failure::default());
            }
            system::link(file.name, &source, &target).map_err(|error| failure_of(&error, group, file))?;
        }
        Ok(())
    }

    /// Tells whether the file is what was verified, and looks as it did, but for the time of its last change.
    fn is_intact(
        &self,
        file: &File,
        folder: &OwnedFd,
        seal: &Seal,
        inode: u64,
        buffer: &mut Vec<u8>,
    ) -> bool {
        const REGULAR: u32 = 0o100_000;
        let Ok(seen) = system::status_in(folder, file.name) else { return false };
        if (seen.inode, seen.size, seen.modified) != (inode, file.size, seal.modified) {
            return false;
        }
        if seen.changed < seal.time && !self.hashes_all {
            return true;
        }
        let mode = REGULAR | if file.is_executable { 0o555 } else { 0o444 };
        seen.mode == mode && hashed(file.name, folder, buffer).is_some_and(|found| found == *file.sha256)
    }
}

fn failure_of(error: &Error, group: &Group, file: &File) -> Failure {
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        Failure::at(joined(group.target.to_bytes(), file.name).to_bytes().to_vec())
    } else {
        Failure::default()
    }
}

fn joined(folder: &[u8], name: &CStr) -> std::ffi::CString {
    let mut path = Vec::with_capacity(folder.len() + name.to_bytes().len() + 2);
    path.extend_from_slice(folder);
    if !name.to_bytes().is_empty() {
        path.push(b'/');
        path.extend_from_slice(name.to_bytes());
    }
    std::ffi::CString::new(path).unwrap_or_default() // neither holds a zero byte
}

fn hashed(name: &CStr, folder: &OwnedFd, buffer: &mut Vec<u8>) -> Option<[u8; 32]> {
    let mut file = std::fs::File::from(system::file_in(folder, name).ok()?);
    buffer.resize(PIECE, 0);
    let mut digest = Sha256::new();
    loop {
        match file.read(buffer) {
            Ok(0) => return Some(digest.finish()),
            Ok(count) => digest.update(&buffer[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// Makes the folder and those above it, where they are missing.
pub fn make_folder(name: &CStr) -> std::io::Result<()> {
    let path = crate::conditions::path(name);
    match std::fs::create_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => std::fs::create_dir_all(path),
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_workers_begin_at_both_ends() {
        assert_eq!(super::from_both_ends(vec![0, 1, 2, 3, 4]), [0, 4, 1, 3, 2]);
    }
}
