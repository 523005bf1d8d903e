//! A file that is written whole or not at all, where there is none.

use crate::conditions::path;
use crate::system::{self, Deferred};
use std::ffi::{CStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{Result, Write};
use std::path::Path;

/// Puts `content` at the path; tells whether it stands there now. Where not, nothing has changed.
pub fn carry_out(name: &CStr, content: &[u8]) -> bool {
    system::survive_limits();
    let _deferred = Deferred::new(); // until no draft is left
    let place = path(name);
    let Some(draft) = draft(place) else { return false };
    if written(&draft, content).and_then(|()| fs::hard_link(&draft, place)).is_err() {
        let _ = fs::remove_file(draft); // nothing to remove where it could not be made
        return false;
    }
    let _ = fs::remove_file(draft);
    true
}

fn draft(place: &Path) -> Option<std::path::PathBuf> {
    let mut name = OsString::from(".");
    name.push(place.file_name()?);
    name.push(format!(".{}", std::process::id()));
    Some(place.with_file_name(name))
}

fn written(draft: &Path, content: &[u8]) -> Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(draft)?;
    file.write_all(content)?;
    file.sync_all()
}
