//! Seals: what the files of a tree looked like when they were last known to be what was verified.
//!
//! `trued/store/seal.py` explains them. The file is what Python's `marshal` makes of (1, boot, modification
//! time, inodes); of that format no more is read here than such a tuple needs.

use crate::bytes::Bytes;
use crate::conditions::path;
use crate::replay::Tree;
use crate::system;
use std::ffi::CStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;

const BOOT: &str = "/proc/sys/kernel/random/boot_id";
const FORM: i64 = 1;
const DEEPEST: usize = 3;

/// What a tree's files looked like: inodes in order, their modification time; the seal's own time.
pub struct Seal {
    pub inodes: Vec<u64>,
    pub modified: i64,
    pub time: i64,
}

/// Returns what names the running boot of the system.
pub fn boot() -> Option<String> {
    Some(fs::read_to_string(BOOT).ok()?.trim().to_owned())
}

/// Reads the seal of a tree; nothing where it does not vouch for the files, or its manifest is another.
pub fn read(tree: &Tree, boot: &str) -> Option<Seal> {
    let mut beginning = [0; 32];
    let mut manifest = fs::File::open(path(tree.manifest)).ok()?;
    manifest.read_exact(&mut beginning).ok()?;
    let manifest_changed = changed(&manifest)?;
    if beginning != *tree.digest {
        return None;
    }
    let mut file = fs::File::open(path(tree.seal)).ok()?;
    let time = changed(&file)?;
    let mut data = Vec::new();
    file.read_to_end(&mut data).ok()?;
    let Value::Many(parts) = unmarshalled(&data)? else { return None };
    let [Value::Number(FORM), Value::Text(of_boot), Value::Number(modified), Value::Many(numbers)] =
        &parts[..]
    else {
        return None;
    };
    if manifest_changed >= time || !(of_boot.is_empty() || of_boot == boot.as_bytes()) {
        return None;
    }
    let inodes = numbers.iter().map(as_inode).collect::<Option<Vec<u64>>>()?;
    let files = tree.groups.last().map_or(0, |group| group.first + group.files.len());
    (inodes.len() == files && files > 0).then_some(Seal { inodes, modified: *modified, time })
}

fn changed(file: &fs::File) -> Option<i64> {
    let found = file.metadata().ok()?;
    found.ctime().checked_mul(1_000_000_000)?.checked_add(found.ctime_nsec())
}

fn as_inode(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => u64::try_from(*number).ok(),
        _ => None,
    }
}

/// Moves the time of each seal to now: their files were just checked, and linked by nobody but us.
///
/// The first is touched, looked at and touched again; `trued/store/seal.py` says why.
pub fn renew<'a>(paths: impl Iterator<Item = &'a CStr>) {
    for (number, path) in paths.enumerate() {
        let renewed = system::touch(path).and_then(|()| {
            if number > 0 {
                return Ok(());
            }
            system::status(path)?;
            system::touch(path)
        });
        if renewed.is_err() {
            return; // somebody else's store: its files will be hashed the next time
        }
    }
}

enum Value {
    Number(i64),
    Text(Vec<u8>),
    Many(Vec<Value>),
}

fn unmarshalled(data: &[u8]) -> Option<Value> {
    let mut reader = Marshal { bytes: Bytes { rest: data }, known: Vec::new() };
    reader.value(0)
}

/// Reads version 4 of Python's `marshal`: numbers, texts, tuples, and references to what was read before.
struct Marshal<'a> {
    bytes: Bytes<'a>,
    known: Vec<Option<i64>>,
}

impl Marshal<'_> {
    fn short(&mut self) -> Option<i32> {
        Some(i32::from_le_bytes(self.bytes.array()?))
    }

    fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.short()?).ok()?;
        (count <= self.bytes.rest.len()).then_some(count)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        const REFERRED_TO: u8 = 0x80;
        let kind = self.bytes.take(1)?[0];
        let place = self.known.len();
        if kind & REFERRED_TO != 0 {
            self.known.push(None); // a tuple has its number before its elements
        }
        let value = match kind & !REFERRED_TO {
            b'i' => Value::Number(i64::from(self.short()?)),
            b'l' => Value::Number(self.number()?),
            b'z' | b'Z' => {
                let length = usize::from(self.bytes.take(1)?[0]);
                Value::Text(self.bytes.take(length)?.to_vec())
            }
            b'a' | b'A' | b'u' => {
                let length = self.count()?;
                Value::Text(self.bytes.take(length)?.to_vec())
            }
            b')' => {
                let length = usize::from(self.bytes.take(1)?[0]);
                self.many(length, depth)?
            }
            b'(' => {
                let length = self.count()?;
                self.many(length, depth)?
            }
            b'r' => {
                let number = usize::try_from(self.short()?).ok()?;
                return self.known.get(number).copied().flatten().map(Value::Number);
            }
            _ => return None,
        };
        if kind & REFERRED_TO != 0 {
            // Nothing else is referred to here; a long text, referred to often, would fill the memory.
            self.known[place] = if let Value::Number(number) = value { Some(number) } else { None };
        }
        Some(value)
    }

    fn many(&mut self, length: usize, depth: usize) -> Option<Value> {
        if depth >= DEEPEST {
            return None;
        }
        let mut values = Vec::with_capacity(length);
        for _ in 0..length {
            values.push(self.value(depth + 1)?);
        }
        Some(Value::Many(values))
    }

    /// A whole number beyond 32 bits: the count of its digits with its sign, and digits of fifteen bits.
    fn number(&mut self) -> Option<i64> {
        let count = self.short()?;
        let mut number: i64 = 0;
        for place in 0..count.unsigned_abs() {
            let digit = i64::from(u16::from_le_bytes(self.bytes.array()?));
            let shifted = digit.checked_shl(place.checked_mul(15)?)?;
            if shifted >> (place * 15) != digit {
                return None;
            }
            number = number.checked_add(shifted)?;
        }
        Some(if count < 0 { -number } else { number })
    }
}

#[cfg(test)]
mod tests {
    use super::{unmarshalled, Value};
    use crate::damage::Damage;

    /// `marshal.dumps((1, "abc-def", 1700000000000000000, (12345678, 5, 3000000000, 12345678)), 4)`
    const WRITTEN: &[u8] = b"\xa9\x04\xe9\x01\x00\x00\x00\xfa\x07abc-def\xec\x05\x00\x00\x00\x00\x00Tl\xf8s\
        \xbc<\x01\x00\xa9\x04\xe9Na\xbc\x00\xe9\x05\x00\x00\x00\xec\x03\x00\x00\x00\x00^\xa0e\x02\x00r\x05\
        \x00\x00\x00";

    #[test]
    fn what_python_wrote_is_read() {
        let Some(Value::Many(parts)) = unmarshalled(WRITTEN) else { panic!("a tuple") };
        let [Value::Number(1), Value::Text(boot), Value::Number(time), Value::Many(inodes)] = &parts[..]
        else {
            panic!("four parts")
        };
        assert_eq!((&boot[..], *time), (&b"abc-def"[..], 1_700_000_000_000_000_000));
        let inodes: Vec<_> = inodes.iter().map(|one| super::as_inode(one).unwrap()).collect();
        assert_eq!(inodes, [12_345_678, 5, 3_000_000_000, 12_345_678]);
    }

    #[test]
    fn what_is_cut_or_no_seal_is_not_read() {
        for length in 0..WRITTEN.len() {
            assert!(unmarshalled(&WRITTEN[..length]).is_none(), "cut to {length}");
        }
        assert!(unmarshalled(b"(\xff\xff\xff\x7f").is_none());
        assert!(unmarshalled(b")\x01)\x01)\x01)\x01)\x01i\x01\0\0\0").is_none());
        assert!(unmarshalled(b"l\x7f\0\0\0").is_none());
        assert!(unmarshalled(b"r\0\0\0\0").is_none());
    }

    #[test]
    fn a_text_is_not_multiplied_by_references() {
        assert!(unmarshalled(b")\x02\xfa\x02abr\0\0\0\0").is_none());
        assert!(unmarshalled(b")\x02\xe9\x02\0\0\0r\0\0\0\0").is_some());
    }

    #[test]
    fn no_damage_ends_the_program() {
        let mut damage = Damage::new(2);
        let read = (0..200_000).filter(|_| unmarshalled(&damage.of(WRITTEN)).is_some()).count();
        assert!(read > 1000, "the damage leaves too little to be read: {read}");
    }
}
