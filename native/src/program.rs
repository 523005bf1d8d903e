//! The program that does the whole work: Python with trued.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const CODE: &str = "import sys; sys.argv[0] = 'trued'; from trued.__main__ import launch; launch()";
const CANNOT_RUN: u8 = 127;

/// Becomes Python with trued and the same arguments. `replay` is where the run is to be noted down.
pub fn become_trued(replay: Option<&Path>) -> ExitCode {
    let python = python();
    let mut command = Command::new(&python);
    // Without -P the folder that trued is called in would be looked into for modules.
    command.args(["-P", "-X"]).arg(noted_at(replay)).args(["-c", CODE]).args(env::args_os().skip(1));
    let error = command.exec();
    let _ = writeln!(std::io::stderr(), "trued: cannot run {}: {error}", python.display());
    ExitCode::from(CANNOT_RUN)
}

fn noted_at(replay: Option<&Path>) -> OsString {
    let mut option = OsString::from("trued_replay=");
    option.push(replay.map_or(OsStr::new(""), Path::as_os_str));
    option
}

/// Returns the Python beside this program, or the one whose packages are where this program was installed.
fn python() -> PathBuf {
    let program = env::current_exe().ok().or_else(called).unwrap_or_default();
    let folder = program.parent().unwrap_or(Path::new("")).to_path_buf();
    let prefix = folder.parent().unwrap_or(Path::new("")).to_path_buf();
    if prefix.join("pyvenv.cfg").exists() {
        return folder.join("python");
    }
    for library in ["lib", "lib64"] {
        for entry in fs::read_dir(prefix.join(library)).into_iter().flatten().flatten() {
            let holds_trued = ["site-packages", "dist-packages"]
                .iter()
                .any(|packages| entry.path().join(packages).join("trued/__main__.py").exists());
            if holds_trued {
                let beside = folder.join(entry.file_name());
                return if beside.exists() { beside } else { PathBuf::from(entry.file_name()) };
            }
        }
    }
    PathBuf::from("python3")
}

/// Returns the program as it was called, where the system does not say which it runs: `/proc` is missing.
fn called() -> Option<PathBuf> {
    let name = PathBuf::from(env::args_os().next()?);
    if name.components().count() > 1 {
        return name.canonicalize().ok();
    }
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).find_map(|folder| folder.join(&name).canonicalize().ok())
}
