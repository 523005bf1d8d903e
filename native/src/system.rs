//! Calls of the system that Rust's library lacks: files of an open folder, locks, signals.
//!
//! All `unsafe` of this program but the processor's own SHA-256 stands here. Linux on 64-bit x86 and ARM.

use std::ffi::CStr;
use std::io::{Error, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::raw::{c_char, c_int, c_uint};

#[cfg(target_arch = "x86_64")]
const O_DIRECTORY: c_int = 0o200_000;
#[cfg(target_arch = "x86_64")]
const O_NOFOLLOW: c_int = 0o400_000;
#[cfg(target_arch = "aarch64")]
const O_DIRECTORY: c_int = 0o40_000;
#[cfg(target_arch = "aarch64")]
const O_NOFOLLOW: c_int = 0o100_000;

const O_RDONLY: c_int = 0;
const O_WRONLY: c_int = 1;
const O_CREAT: c_int = 0o100;
const O_EXCL: c_int = 0o200;
const O_NONBLOCK: c_int = 0o4_000;
const O_CLOEXEC: c_int = 0o2_000_000;
const O_PATH: c_int = 0o10_000_000;
const AT_FDCWD: c_int = -100;
const AT_SYMLINK_NOFOLLOW: c_int = 0x100;
const STATX_BASIC_STATS: c_uint = 0x7ff;
const LOCK_SH: c_int = 1;
const LOCK_EX: c_int = 2;
const LOCK_NB: c_int = 4;
const SIG_BLOCK: c_int = 0;
const SIG_SETMASK: c_int = 2;
const SIGNALS: [c_int; 3] = [1, 2, 15]; // HUP, INT, TERM

#[repr(C)]
#[derive(Clone, Copy)]
struct Timestamp {
    seconds: i64,
    nanoseconds: u32,
    reserved: i32,
}

#[repr(C)]
struct Statx {
    mask: u32,
    block_size: u32,
    attributes: u64,
    links: u32,
    owner: u32,
    group: u32,
    mode: u16,
    padding: u16,
    inode: u64,
    size: u64,
    blocks: u64,
    attributes_mask: u64,
    accessed: Timestamp,
    born: Timestamp,
    changed: Timestamp,
    modified: Timestamp,
    special: [u32; 2],
    device: [u32; 2],
    rest: [u64; 14],
}

extern "C" {
    fn open(path: *const c_char, flags: c_int, ...) -> c_int;
    fn openat(folder: c_int, path: *const c_char, flags: c_int, ...) -> c_int;
    fn linkat(from: c_int, old: *const c_char, to: c_int, new: *const c_char, flags: c_int) -> c_int;
    fn statx(folder: c_int, path: *const c_char, flags: c_int, mask: c_uint, found: *mut Statx) -> c_int;
    fn utimensat(folder: c_int, path: *const c_char, times: *const Timestamp, flags: c_int) -> c_int;
    fn flock(file: c_int, operation: c_int) -> c_int;
    fn isatty(file: c_int) -> c_int;
    fn geteuid() -> c_uint;
    fn sigemptyset(set: *mut SignalSet) -> c_int;
    fn sigaddset(set: *mut SignalSet, signal: c_int) -> c_int;
    fn pthread_sigmask(how: c_int, set: *const SignalSet, old: *mut SignalSet) -> c_int;
    fn uname(found: *mut Names) -> c_int;
    fn signal(number: c_int, handler: usize) -> usize;
}

#[repr(C)]
struct SignalSet([u64; 16]);

const NAME: usize = 65;

#[repr(C)]
struct Names([[u8; NAME]; 6]);

/// What a file looks like; times in nanoseconds since 1970.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Status {
    pub device: [u32; 2],
    pub inode: u64,
    pub size: u64,
    pub mode: u32,
    pub owner: u32,
    pub modified: i64,
    pub changed: i64,
}

fn checked(answer: c_int) -> Result<c_int> {
    if answer < 0 {
        Err(Error::last_os_error())
    } else {
        Ok(answer)
    }
}

fn owned(answer: c_int) -> Result<OwnedFd> {
    // SAFETY: the number was just opened by this process and belongs to nobody else.
    checked(answer).map(|number| unsafe { OwnedFd::from_raw_fd(number) })
}

/// Opens the folder to name files in it; it cannot be read. One that is a link is not followed.
pub fn folder(path: &CStr) -> Result<OwnedFd> {
    // SAFETY: the path ends with a zero byte.
    owned(unsafe { open(path.as_ptr(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) })
}

/// Opens the folder itself, to lock or to synchronise it.
pub fn readable_folder(path: &CStr) -> Result<OwnedFd> {
    // SAFETY: the path ends with a zero byte.
    owned(unsafe { open(path.as_ptr(), O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
}

/// Opens the file `name` of `folder` for reading, never through a symbolic link.
pub fn file_in(folder: &OwnedFd, name: &CStr) -> Result<OwnedFd> {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    // SAFETY: the name ends with a zero byte.
    owned(unsafe { openat(folder.as_raw_fd(), name.as_ptr(), flags) })
}

/// Makes the file `name` in `folder` to be written, where nothing is, not even a link.
pub fn new_file_in(folder: &OwnedFd, name: &CStr, mode: c_uint) -> Result<OwnedFd> {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    // SAFETY: the name ends with a zero byte.
    owned(unsafe { openat(folder.as_raw_fd(), name.as_ptr(), flags, mode) })
}

/// Gives the file `name` of one folder the same name in another.
pub fn link(name: &CStr, from: &OwnedFd, to: &OwnedFd) -> Result<()> {
    // SAFETY: the name ends with a zero byte.
    checked(unsafe { linkat(from.as_raw_fd(), name.as_ptr(), to.as_raw_fd(), name.as_ptr(), 0) }).map(|_| ())
}

/// Returns the status of the file itself, not of what a symbolic link leads to.
pub fn status_in(folder: &OwnedFd, name: &CStr) -> Result<Status> {
    status_of(folder.as_raw_fd(), name, AT_SYMLINK_NOFOLLOW)
}

/// Returns the status of what `path` leads to.
pub fn status(path: &CStr) -> Result<Status> {
    status_of(AT_FDCWD, path, 0)
}

fn status_of(folder: c_int, name: &CStr, flags: c_int) -> Result<Status> {
    let mut found = MaybeUninit::<Statx>::uninit();
    // SAFETY: the name ends with a zero byte, and the kernel fills the whole structure where it answers 0.
    let found = unsafe {
        checked(statx(folder, name.as_ptr(), flags, STATX_BASIC_STATS, found.as_mut_ptr()))?;
        found.assume_init()
    };
    Ok(Status {
        device: found.device,
        inode: found.inode,
        size: found.size,
        mode: u32::from(found.mode),
        owner: found.owner,
        modified: nanoseconds(found.modified),
        changed: nanoseconds(found.changed),
    })
}

fn nanoseconds(time: Timestamp) -> i64 {
    time.seconds.wrapping_mul(1_000_000_000).wrapping_add(i64::from(time.nanoseconds))
}

/// Moves the times of the file at `path` to now.
pub fn touch(path: &CStr) -> Result<()> {
    // SAFETY: the path ends with a zero byte; no times means now.
    checked(unsafe { utimensat(AT_FDCWD, path.as_ptr(), std::ptr::null(), 0) }).map(|_| ())
}

/// Takes the lock of an open file at once, alone or with others; fails where somebody else has it.
pub fn lock(file: &OwnedFd, alone: bool) -> Result<()> {
    let kind = if alone { LOCK_EX } else { LOCK_SH };
    // SAFETY: numbers only.
    checked(unsafe { flock(file.as_raw_fd(), kind | LOCK_NB) }).map(|_| ())
}

/// Tells whether standard output and standard error are terminals.
pub fn terminals() -> [bool; 2] {
    // SAFETY: numbers only.
    [1, 2].map(|number| unsafe { isatty(number) } == 1)
}

/// Returns the user that this process acts as.
pub fn user() -> u32 {
    // SAFETY: takes nothing and cannot fail.
    unsafe { geteuid() }
}

/// What the system says of itself: its name, release, version and machine.
///
/// `setarch` gives a process other answers than the one beside it has.
pub fn names() -> Vec<Vec<u8>> {
    let mut found = Names([[0; NAME]; 6]);
    // SAFETY: the structure is as large as the kernel's, six texts of 65 bytes, and filled beforehand.
    if unsafe { uname(&mut found) } != 0 {
        return Vec::new();
    }
    let text = |field: &[u8; NAME]| field.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
    [0, 2, 3, 4].map(|place: usize| text(&found.0[place])).to_vec() // not the name of the machine in its network
}

/// Has a file that would be larger than the user allows be an error, as in Python, and not the end.
pub fn survive_limits() {
    const TOO_LARGE: c_int = 25; // XFSZ
    const IGNORED: usize = 1;
    // SAFETY: numbers only; no function of this program is named.
    unsafe { signal(TOO_LARGE, IGNORED) };
}

/// The signals that end a program, waiting for as long as this lives; then they arrive.
///
/// They wait for this thread and those that it starts, and for the program that it becomes.
pub struct Deferred(SignalSet);

impl Deferred {
    /// Has them wait from now on.
    pub fn new() -> Self {
        let mut set = SignalSet([0; 16]);
        let mut before = SignalSet([0; 16]);
        // SAFETY: the sets are as large as the C library's, and live as long as the calls.
        unsafe {
            sigemptyset(&mut set);
            for signal in SIGNALS {
                sigaddset(&mut set, signal);
            }
            pthread_sigmask(SIG_BLOCK, &set, &mut before);
        }
        Self(before)
    }
}

impl Drop for Deferred {
    fn drop(&mut self) {
        // SAFETY: the set was filled by the call that made this.
        unsafe { pthread_sigmask(SIG_SETMASK, &self.0, std::ptr::null_mut()) };
    }
}
