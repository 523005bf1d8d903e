//! The program `trued`, as platform wheels carry it.
//!
//! Python takes ten milliseconds to start, which is what a warm installation of one package takes as a whole.
//! So trued notes down what a warm `install`, `sync` or `lock` was and what it rested on, and this program
//! carries it out again where the very same call meets the very same conditions: it compares, looks at every
//! file, links, and decides nothing. Everything else is trued's: then this program becomes Python with trued,
//! having changed nothing.

mod bytes;
mod call;
mod conditions;
mod install;
mod links;
mod program;
mod replay;
mod seal;
mod sha256;
mod system;
mod write;

#[cfg(test)]
mod damage;

use replay::Action;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// The trued that this program belongs to: what another noted down is not believed.
const VERSION: &str = match option_env!("TRUED_VERSION") {
    Some(version) => version,
    None => "",
};

/// The endings of replays: of a call that changed something, and of one that found it done.
const ENDINGS: [&str; 2] = ["new", "old"];

/// The exit status where what was asked for could not be printed, as trued has it.
const NOT_PRINTED: u8 = 2;

fn main() -> ExitCode {
    let place = call::place(VERSION);
    let trusted = place.as_deref().filter(|place| is_trusted(place));
    let mut replays =
        trusted.into_iter().flat_map(|place| ENDINGS.map(|ending| place.with_extension(ending)));
    if let Some(status) = replays.find_map(|path| replayed(&path)) {
        return status;
    }
    program::become_trued(place.as_deref())
}

/// Tells whether the cache is this user's or the system's: another's files would stay the other's.
fn is_trusted(place: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let cache = place.parent().and_then(Path::parent);
    cache
        .and_then(|cache| std::fs::metadata(cache).ok())
        .is_some_and(|found| [0, system::user()].contains(&found.uid()))
}

/// Carries out the replay at `path`, if there is one that holds; returns how the call ended.
fn replayed(path: &Path) -> Option<ExitCode> {
    let data = conditions::private_content(path)?;
    let replay = replay::read(&data)?;
    if !conditions::hold(&replay.conditions) {
        return None;
    }
    let is_done = match &replay.action {
        Action::Nothing => true,
        Action::Install(install) => install::carry_out(install),
        Action::Write(path, content) => write::carry_out(path, content),
    };
    is_done.then(|| match printed(replay.printed) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(NOT_PRINTED),
    })
}

/// Prints what goes to standard output, and what to standard error, as long as somebody takes it.
fn printed([out, run]: [&[u8]; 2]) -> std::io::Result<()> {
    let mut stdout = std::io::stdout();
    let wanted = stdout.write_all(out).and_then(|()| stdout.flush());
    std::io::stderr().write_all(run).and(wanted)
}
