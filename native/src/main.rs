//! The program `trued`, as platform wheels carry it.
//!
//! Python takes ten milliseconds to start, which is what a warm installation of one package takes as a whole.
//! So trued notes down what a warm `install`, `sync` or `lock` was and what it rested on, and this program
//! carries it out again where the very same call meets the very same conditions: it compares, looks at every
//! file, links, and decides nothing. Everything else is trued's: then this program becomes Python with trued,
//! having changed nothing.

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

fn main() -> ExitCode {
    let place = call::place(VERSION);
    if let Some(place) = &place {
        if is_trusted(place) && ENDINGS.iter().any(|ending| is_replayed(&place.with_extension(ending))) {
            return ExitCode::SUCCESS;
        }
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

/// Carries out the replay at `path`, if there is one that holds; tells whether it was.
fn is_replayed(path: &Path) -> bool {
    let Some(data) = conditions::private_content(path) else { return false };
    let Some(replay) = replay::read(&data) else { return false };
    if !conditions::hold(&replay.conditions) {
        return false;
    }
    let is_done = match &replay.action {
        Action::Nothing => true,
        Action::Install(install) => install::carry_out(install),
        Action::Write(path, content) => write::carry_out(path, content),
    };
    if is_done {
        let [out, run] = replay.printed;
        // As with any program, whoever stopped reading gets no more.
        let _ = std::io::stdout().write_all(out);
        let _ = std::io::stderr().write_all(run);
    }
    is_done
}
