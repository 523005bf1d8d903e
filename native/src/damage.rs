//! Damage for tests: what a reader must take without ever ending the program.

/// Damaged forms of a text, the same in every run (xorshift, after Marsaglia).
pub struct Damage(u64);

impl Damage {
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit.max(1)
    }

    /// Returns `data` with up to four changes: bytes changed, counts made huge, parts cut, doubled or moved.
    pub fn of(&mut self, data: &[u8]) -> Vec<u8> {
        let mut damaged = data.to_vec();
        for _ in 0..=self.below(4) {
            let (start, length) = (self.below(damaged.len()), self.below(40));
            let end = (start + length).min(damaged.len());
            match self.below(6) {
                0 => damaged.truncate(start),
                1 => drop(damaged.drain(start..end)),
                2 => {
                    let part = damaged[start..end].to_vec();
                    let place = self.below(damaged.len());
                    damaged.splice(place..place, part);
                }
                3 => damaged[start..end.min(start + 4)].fill(0xff),
                4 => damaged[start..end.min(start + 8)].fill(0),
                _ => {
                    let byte = u8::try_from(self.below(256)).unwrap();
                    if let Some(place) = damaged.get_mut(start) {
                        *place = byte;
                    }
                }
            }
        }
        damaged
    }
}
