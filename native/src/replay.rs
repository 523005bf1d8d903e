//! What trued noted down of a run, as it lies in the cache: conditions, and what was done.
//!
//! `trued/operations/replay.py` writes it; both sides name its form. Integers are little-endian, a text is
//! its length (four bytes) and its bytes, a list its count (four bytes) and its elements. Before all that
//! stands the SHA-256 of the rest. Texts that name files end with a zero byte, which is no part of them.

use crate::bytes::Bytes;
use crate::sha256;
use std::ffi::CStr;

/// The form of the file; raised with every change to it.
pub const FORM: &[u8] = b"trued replay 1\n";

const DIGEST: usize = 32;

/// A run that can be carried out again.
pub struct Replay<'a> {
    /// What has to be as it was.
    pub conditions: Vec<Condition<'a>>,
    /// What the run printed, on standard output and standard error.
    pub printed: [&'a [u8]; 2],
    pub action: Action<'a>,
}

/// Something that was so when the run was noted down.
pub enum Condition<'a> {
    /// Nothing lies at the path.
    Absent(&'a CStr),
    /// The regular file at the path has this content.
    Content(&'a CStr, &'a [u8]),
    /// The regular file at the path has a content with this SHA-256.
    Digest(&'a CStr, &'a [u8]),
    /// The file at the path is the same, unchanged: inode, size, time of its last change.
    Identity(&'a CStr, u64, u64, i64),
    /// The path leads, through every link, to this one.
    Leads(&'a CStr, &'a [u8]),
    /// The folder at the path holds these names, in order, and nothing else; none where it is not there.
    Holds(&'a CStr, Vec<&'a [u8]>),
    /// Whether everybody may write to the folder.
    Open(&'a CStr, bool),
    /// The time, in seconds since 1970, is at least the first and below the second.
    Between(i64, i64),
}

/// What is to be done where every condition holds.
pub enum Action<'a> {
    /// Nothing: everything stands already.
    Nothing,
    Install(Box<Install<'a>>),
    /// Put a content at a path where nothing is.
    Write(&'a CStr, &'a [u8]),
}

/// An installation into folders that stand, or that are made for it.
pub struct Install<'a> {
    /// The folder of the packages, whose lock is held, and in which the journal stands.
    pub library: &'a CStr,
    /// The file whose lock keeps the store's entries where they are.
    pub store_lock: &'a CStr,
    /// What has to be as it was once both locks are held.
    pub conditions: Vec<Condition<'a>>,
    /// The journal, as trued reads it to undo what was interrupted.
    pub journal: &'a [u8],
    /// What is to be deleted to undo the installation.
    pub undo: Vec<&'a CStr>,
    pub folders: Vec<&'a CStr>,
    pub made: Vec<Made<'a>>,
    pub trees: Vec<Tree<'a>>,
    /// Whether every file is hashed before it is linked, whatever its seal says.
    pub hashes_all: bool,
    pub workers: u32,
}

/// A file that is written.
pub struct Made<'a> {
    pub path: &'a CStr,
    pub is_executable: bool,
    pub content: &'a [u8],
}

/// A sealed folder of the store, whose files are linked.
pub struct Tree<'a> {
    pub path: &'a [u8],
    pub manifest: &'a CStr,
    /// What the manifest begins with.
    pub digest: &'a [u8],
    pub seal: &'a CStr,
    pub groups: Vec<Group<'a>>,
}

/// The files of one folder of a tree.
pub struct Group<'a> {
    pub source: &'a CStr,
    pub target: &'a CStr,
    /// The position of the first of the files in the tree.
    pub first: usize,
    pub files: Vec<File<'a>>,
}

pub struct File<'a> {
    pub name: &'a CStr,
    pub size: u64,
    pub is_executable: bool,
    pub sha256: &'a [u8],
}

/// Reads a replay; nothing where it is damaged, or of another form.
pub fn read(data: &[u8]) -> Option<Replay<'_>> {
    let (digest, rest) = (data.get(..DIGEST)?, data.get(DIGEST..)?);
    let rest = rest.strip_prefix(FORM)?;
    if sha256::of(&data[DIGEST..]) != digest {
        return None;
    }
    let mut reader = Reader { bytes: Bytes { rest } };
    let conditions = reader.list(Reader::condition)?;
    let printed = [reader.text()?, reader.text()?];
    let action = match reader.byte()? {
        0 => Action::Nothing,
        1 => Action::Install(Box::new(reader.install()?)),
        2 => Action::Write(reader.name()?, reader.text()?),
        _ => return None,
    };
    reader.bytes.rest.is_empty().then_some(Replay { conditions, printed, action })
}

struct Reader<'a> {
    bytes: Bytes<'a>,
}

impl<'a> Reader<'a> {
    fn byte(&mut self) -> Option<u8> {
        Some(self.bytes.take(1)?[0])
    }

    fn truth(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn short(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes.array()?))
    }

    fn long(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.bytes.array()?))
    }

    fn signed(&mut self) -> Option<i64> {
        Some(i64::from_le_bytes(self.bytes.array()?))
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.short()? as usize;
        self.bytes.take(length)
    }

    fn name(&mut self) -> Option<&'a CStr> {
        CStr::from_bytes_with_nul(self.text()?).ok()
    }

    fn list<T>(&mut self, element: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.short()? as usize;
        if count > self.bytes.rest.len() {
            return None; // each element has a byte at least: memory is not asked for on a lie
        }
        let mut elements = Vec::with_capacity(count);
        for _ in 0..count {
            elements.push(element(self)?);
        }
        Some(elements)
    }

    fn condition(&mut self) -> Option<Condition<'a>> {
        let kind = self.byte()?;
        if kind == b'B' {
            return Some(Condition::Between(self.signed()?, self.signed()?));
        }
        let path = self.name()?;
        Some(match kind {
            b'A' => Condition::Absent(path),
            b'C' => Condition::Content(path, self.text()?),
            b'D' => Condition::Digest(path, self.text()?),
            b'I' => Condition::Identity(path, self.long()?, self.long()?, self.signed()?),
            b'L' => Condition::Leads(path, self.text()?),
            b'H' => Condition::Holds(path, self.list(Self::text)?),
            b'O' => Condition::Open(path, self.truth()?),
            _ => return None,
        })
    }

    fn install(&mut self) -> Option<Install<'a>> {
        Some(Install {
            library: self.name()?,
            store_lock: self.name()?,
            conditions: self.list(Self::condition)?,
            journal: self.text()?,
            undo: self.list(Self::name)?,
            folders: self.list(Self::name)?,
            made: self.list(|reader| {
                Some(Made { path: reader.name()?, is_executable: reader.truth()?, content: reader.text()? })
            })?,
            trees: self.list(Self::tree)?,
            hashes_all: self.truth()?,
            workers: self.short()?,
        })
    }

    fn tree(&mut self) -> Option<Tree<'a>> {
        let (path, manifest) = (self.text()?, self.name()?);
        let (digest, seal) = (self.bytes.take(DIGEST)?, self.name()?);
        let mut groups = self.list(Self::group)?;
        let mut position = 0;
        for group in &mut groups {
            group.first = position;
            position += group.files.len();
        }
        Some(Tree { path, manifest, digest, seal, groups })
    }

    fn group(&mut self) -> Option<Group<'a>> {
        Some(Group {
            source: self.name()?,
            target: self.name()?,
            first: 0,
            files: self.list(|reader| {
                Some(File {
                    name: reader.name()?,
                    size: reader.long()?,
                    is_executable: reader.truth()?,
                    sha256: reader.bytes.take(DIGEST)?,
                })
            })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{read, Action, Condition, FORM};
    use crate::damage::Damage;
    use crate::sha256;

    fn sealed(rest: &[u8]) -> Vec<u8> {
        let body = [FORM, rest].concat();
        [&sha256::of(&body)[..], &body].concat()
    }

    #[test]
    fn a_replay_is_read() {
        let data = sealed(b"\x01\0\0\0A\x03\0\0\0/a\0\0\0\0\0\x02\0\0\0ok\0");
        let replay = read(&data).unwrap();
        assert!(matches!(replay.conditions[..], [Condition::Absent(path)] if path.to_bytes() == b"/a"));
        assert_eq!(replay.printed, [&b""[..], b"ok"]);
        assert!(matches!(replay.action, Action::Nothing));
    }

    fn text(data: &[u8]) -> Vec<u8> {
        [&u32::try_from(data.len()).unwrap().to_le_bytes()[..], data].concat()
    }

    fn name(path: &[u8]) -> Vec<u8> {
        text(&[path, b"\0"].concat())
    }

    fn list(elements: &[Vec<u8>]) -> Vec<u8> {
        let count = u32::try_from(elements.len()).unwrap().to_le_bytes().to_vec();
        [count, elements.concat()].concat()
    }

    /// An installation with every kind of condition, and two trees.
    fn installation() -> Vec<u8> {
        let conditions = list(&[
            [b"A".to_vec(), name(b"/a")].concat(),
            [b"C".to_vec(), name(b"/c"), text(b"content")].concat(),
            [b"D".to_vec(), name(b"/d"), text(&[7; 32])].concat(),
            [b"I".to_vec(), name(b"/i"), vec![1; 24]].concat(),
            [b"L".to_vec(), name(b"/l"), text(b"/real")].concat(),
            [b"H".to_vec(), name(b"/h"), list(&[text(b"one"), text(b"two")])].concat(),
            [b"O".to_vec(), name(b"/o"), vec![1]].concat(),
            [b"B".to_vec(), vec![0; 16]].concat(),
        ]);
        let file = [name(b"a.py"), vec![5; 8], vec![0], vec![9; 32]].concat();
        let group = [name(b"demo"), name(b"/env/demo"), list(&[file.clone(), file])].concat();
        let tree = [
            text(b"/store/tree"),
            name(b"/store/manifest"),
            vec![3; 32],
            name(b"/store/seal"),
            list(&[group]),
        ]
        .concat();
        let made = [name(b"/env/bin/demo"), vec![1], text(b"#!python")].concat();
        [
            conditions.clone(),
            text(b"out"),
            text(b"err"),
            vec![1],
            name(b"/env"),
            name(b"/store/lock"),
            conditions,
            text(b"journal"),
            list(&[name(b"/env/demo")]),
            list(&[name(b"/env")]),
            list(&[made]),
            list(&[tree.clone(), tree]),
            vec![0],
            vec![2, 0, 0, 0],
        ]
        .concat()
    }

    #[test]
    fn an_installation_is_read() {
        let data = sealed(&installation());
        let replay = read(&data).unwrap();
        assert_eq!(replay.conditions.len(), 8);
        let Action::Install(install) = replay.action else { panic!("an installation") };
        assert_eq!((install.trees.len(), install.trees[1].groups[0].files.len()), (2, 2));
        assert_eq!(
            (install.made[0].content, install.hashes_all, install.workers),
            (&b"#!python"[..], false, 2)
        );
    }

    #[test]
    fn no_damage_ends_the_program() {
        let whole = installation();
        let mut damage = Damage::new(1);
        let read = (0..200_000).filter(|_| read(&sealed(&damage.of(&whole))).is_some()).count();
        assert!(read > 1000, "the damage leaves too little to be read: {read}");
    }

    #[test]
    fn what_is_damaged_is_not_read() {
        let data = sealed(b"\x01\0\0\0A\x03\0\0\0/a\0\0\0\0\0\x02\0\0\0ok\0");
        for length in 0..data.len() {
            assert!(read(&data[..length]).is_none(), "cut to {length}");
        }
        for place in 0..data.len() {
            let mut other = data.clone();
            other[place] ^= 1;
            assert!(read(&other).is_none(), "changed at {place}");
        }
    }

    #[test]
    fn what_its_own_digest_fits_but_says_nonsense_is_not_read() {
        for rest in [
            &b"\xff\xff\xff\xff"[..],                           // more conditions than bytes
            b"\x01\0\0\0A\x02\0\0\0/a\0\0\0\0\0\0\0\0\0",       // a name without its zero byte
            b"\x01\0\0\0Z\x03\0\0\0/a\0\0\0\0\0\0\0\0\0\0",     // a condition of no known kind
            b"\0\0\0\0\0\0\0\0\0\0\0\0\x07",                    // an action of no known kind
            b"\0\0\0\0\0\0\0\0\0\0\0\0\0more",                  // more than a replay
            b"\x01\0\0\0O\x03\0\0\0/a\0\x02\0\0\0\0\0\0\0\0\0", // neither true nor false
        ] {
            assert!(read(&sealed(rest)).is_none(), "{rest:?}");
        }
    }
}
