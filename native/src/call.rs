//! The call that this process was started with, and where a replay of it would lie.

use crate::{sha256, system};
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

const REPLAYED: [&str; 3] = ["install", "sync", "lock"];

/// Variables that may decide what trued does, how it shows it, or which Python runs it.
const VARIABLES: [&str; 22] = [
    "BUILD_NUMBER",
    "CI",
    "COLORTERM",
    "COLUMNS",
    "CONDA_PREFIX",
    "CURL_CA_BUNDLE",
    "FORCE_COLOR",
    "HOME",
    "LANG",
    "LANGUAGE",
    "NETRC",
    "NO_COLOR",
    "PATH",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TERM",
    "TMPDIR",
    "TZ",
    "USER",
    "VIRTUAL_ENV",
    "__PYVENV_LAUNCHER__",
];
const PREFIXES: [&[u8]; 6] = [b"TRUED_", b"PIP_", b"XDG_", b"PYTHON", b"LC_", b"LD_"];

/// Returns where a replay of this call would lie, without its ending; nothing where there can be none.
pub fn place(version: &str) -> Option<PathBuf> {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let command = arguments.first()?.to_str()?;
    if !REPLAYED.contains(&command) {
        return None;
    }
    let folder = env::current_dir().ok()?;
    let cache = folder.join(cache(&arguments)?);
    let mut about = Vec::new();
    let mut add = |text: &[u8]| {
        about.extend_from_slice(&(text.len() as u64).to_le_bytes());
        about.extend_from_slice(text);
    };
    add(version.as_bytes());
    add(env::current_exe().ok()?.as_os_str().as_bytes());
    add(&system::terminals().map(u8::from));
    add(&system::user().to_le_bytes());
    for name in system::names() {
        add(&name);
    }
    add(folder.as_os_str().as_bytes());
    add(&(arguments.len() as u64).to_le_bytes());
    for argument in &arguments {
        add(argument.as_bytes());
    }
    for (name, value) in variables() {
        add(name.as_bytes());
        add(value.as_bytes());
    }
    let name = sha256::hexadecimal(sha256::of(&about));
    Some(cache.join("replays").join(name))
}

fn variables() -> Vec<(OsString, OsString)> {
    let mut found: Vec<_> = env::vars_os().filter(|(name, _)| decides(name)).collect();
    found.sort_unstable();
    found
}

fn decides(name: &OsStr) -> bool {
    let bytes = name.as_bytes();
    VARIABLES.iter().any(|one| one.as_bytes() == bytes)
        || PREFIXES.iter().any(|prefix| bytes.starts_with(prefix))
        || bytes.to_ascii_lowercase().ends_with(b"_proxy")
}

/// Returns where trued's cache should be. A wrong guess finds no replay: each lies in the cache of its call.
fn cache(arguments: &[OsString]) -> Option<PathBuf> {
    let mut named = variable("TRUED_CACHE_DIR");
    for (number, word) in arguments.iter().enumerate() {
        if word == "--cache-dir" {
            named = arguments.get(number + 1).cloned();
        } else if let Some(value) = word.as_bytes().strip_prefix(b"--cache-dir=") {
            named = Some(OsStr::from_bytes(value).to_owned());
        }
    }
    if let Some(named) = named {
        return Some(PathBuf::from(named));
    }
    if let Some(of_pip) = variable("PIP_CACHE_DIR") {
        return Some(Path::new(&of_pip).join("trued"));
    }
    if let Some(base) = variable("XDG_CACHE_HOME").filter(|base| base.as_bytes().starts_with(b"/")) {
        return Some(Path::new(&base).join("trued"));
    }
    Some(Path::new(&variable("HOME")?).join(".cache/trued"))
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
