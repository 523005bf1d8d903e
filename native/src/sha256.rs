//! SHA-256 (FIPS 180-4), by the processor's own instructions where it has them.
//!
//! No library: the standard one has no digests, and this program takes no other. A test compares it with
//! the vectors of the standard, and trued's own tests compare each file that it lets through.

const FIRST: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

#[rustfmt::skip]
static ROUNDS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

const BLOCK: usize = 64;

/// The digest of what was given so far.
pub struct Sha256 {
    state: [u32; 8],
    waiting: [u8; BLOCK],
    length: u64,
}

impl Sha256 {
    /// Returns the digest of nothing yet.
    pub fn new() -> Self {
        Self { state: FIRST, waiting: [0; BLOCK], length: 0 }
    }

    /// Takes in `data` after what was given before.
    pub fn update(&mut self, mut data: &[u8]) {
        let held = self.held();
        self.length += data.len() as u64;
        if held > 0 {
            let taken = data.len().min(BLOCK - held);
            self.waiting[held..held + taken].copy_from_slice(&data[..taken]);
            data = &data[taken..];
            if held + taken < BLOCK {
                return;
            }
            let block = self.waiting;
            compress(&mut self.state, &block);
        }
        let whole = data.len() / BLOCK * BLOCK;
        compress(&mut self.state, &data[..whole]);
        let rest = &data[whole..];
        self.waiting[..rest.len()].copy_from_slice(rest);
    }

    /// Returns the digest.
    pub fn finish(mut self) -> [u8; 32] {
        let held = self.held();
        let mut last = [0; 2 * BLOCK];
        last[..held].copy_from_slice(&self.waiting[..held]);
        last[held] = 0x80;
        let end = if held < BLOCK - 8 { BLOCK } else { 2 * BLOCK };
        last[end - 8..end].copy_from_slice(&(self.length * 8).to_be_bytes());
        compress(&mut self.state, &last[..end]);
        let mut digest = [0; 32];
        for (place, word) in digest.chunks_exact_mut(4).zip(self.state) {
            place.copy_from_slice(&word.to_be_bytes());
        }
        digest
    }

    #[allow(clippy::cast_possible_truncation)] // it is below 64
    fn held(&self) -> usize {
        (self.length % BLOCK as u64) as usize
    }
}

/// Returns the digest of `data`.
pub fn of(data: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(data);
    digest.finish()
}

/// Returns a digest as it is written.
pub fn hexadecimal(digest: [u8; 32]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|four| DIGITS[usize::from(four)] as char)
        .collect()
}

/// Takes whole blocks into `state`.
fn compress(state: &mut [u32; 8], blocks: &[u8]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected() {
        // SAFETY: the processor has just said that it has these instructions.
        unsafe { x86::compress(state, blocks) };
        return;
    }
    compress_plainly(state, blocks);
}

#[cfg(target_arch = "x86_64")]
fn is_x86_feature_detected() -> bool {
    std::is_x86_feature_detected!("sha")
        && std::is_x86_feature_detected!("ssse3")
        && std::is_x86_feature_detected!("sse4.1")
}

#[allow(clippy::many_single_char_names)] // the standard's own
fn compress_plainly(state: &mut [u32; 8], blocks: &[u8]) {
    for block in blocks.chunks_exact(BLOCK) {
        let mut words = [0_u32; 64];
        for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        for i in 16..64 {
            let (a, b) = (words[i - 15], words[i - 2]);
            let small0 = a.rotate_right(7) ^ a.rotate_right(18) ^ (a >> 3);
            let small1 = b.rotate_right(17) ^ b.rotate_right(19) ^ (b >> 10);
            words[i] = words[i - 16].wrapping_add(small0).wrapping_add(words[i - 7]).wrapping_add(small1);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
        for (word, constant) in words.iter().zip(ROUNDS) {
            let large1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let one = h.wrapping_add(large1).wrapping_add(choice).wrapping_add(constant).wrapping_add(*word);
            let large0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let two = large0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
        }
        for (kept, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *kept = kept.wrapping_add(new);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{BLOCK, ROUNDS};
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_blend_epi16, _mm_loadu_si128, _mm_set_epi64x,
        _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi32,
        _mm_shuffle_epi8, _mm_storeu_si128,
    };

    /// # Safety
    /// The processor has the instructions `sha`, `ssse3` and `sse4.1`.
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    pub unsafe fn compress(state: &mut [u32; 8], blocks: &[u8]) {
        // SAFETY: every pointer is to the start of 16 bytes within an array or a block of 64 bytes.
        unsafe {
            let swap = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
            let (mut abef, mut cdgh) = loaded(state);
            for block in blocks.chunks_exact(BLOCK) {
                let (before_abef, before_cdgh) = (abef, cdgh);
                let word = |place: usize| {
                    _mm_shuffle_epi8(_mm_loadu_si128(block.as_ptr().add(16 * place).cast()), swap)
                };
                let (mut w0, mut w1, mut w2, mut w3) = (word(0), word(1), word(2), word(3));
                for quarter in 0..4 {
                    for (place, words) in [w0, w1, w2, w3].into_iter().enumerate() {
                        let constants = ROUNDS.as_ptr().add(16 * quarter + 4 * place);
                        let sum = _mm_add_epi32(words, _mm_loadu_si128(constants.cast()));
                        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
                        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
                    }
                    w0 = next(w0, w1, w2, w3);
                    w1 = next(w1, w2, w3, w0);
                    w2 = next(w2, w3, w0, w1);
                    w3 = next(w3, w0, w1, w2);
                }
                abef = _mm_add_epi32(abef, before_abef);
                cdgh = _mm_add_epi32(cdgh, before_cdgh);
            }
            store(state, abef, cdgh);
        }
    }

    /// Returns the four words of the schedule that come after these sixteen.
    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    unsafe fn next(w0: __m128i, w1: __m128i, w2: __m128i, w3: __m128i) -> __m128i {
        // SAFETY: these take and give registers, and touch no memory.
        #[allow(unused_unsafe)]
        unsafe {
            let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
            _mm_sha256msg2_epu32(sum, w3)
        }
    }

    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    unsafe fn loaded(state: &[u32; 8]) -> (__m128i, __m128i) {
        // SAFETY: eight words are two loads of sixteen bytes.
        unsafe {
            let dcba = _mm_loadu_si128(state.as_ptr().cast());
            let hgfe = _mm_loadu_si128(state.as_ptr().add(4).cast());
            let cdab = _mm_shuffle_epi32(dcba, 0xb1);
            let efgh = _mm_shuffle_epi32(hgfe, 0x1b);
            (_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0))
        }
    }

    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    unsafe fn store(state: &mut [u32; 8], abef: __m128i, cdgh: __m128i) {
        // SAFETY: eight words are two stores of sixteen bytes.
        unsafe {
            let feba = _mm_shuffle_epi32(abef, 0x1b);
            let dchg = _mm_shuffle_epi32(cdgh, 0xb1);
            _mm_storeu_si128(state.as_mut_ptr().cast(), _mm_blend_epi16(feba, dchg, 0xf0));
            _mm_storeu_si128(state.as_mut_ptr().add(4).cast(), _mm_alignr_epi8(dchg, feba, 8));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{compress_plainly, hexadecimal, of, Sha256, BLOCK, FIRST};

    #[test]
    fn the_vectors_of_the_standard() {
        let known = [
            (&b""[..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ];
        for (text, digest) in known {
            assert_eq!(hexadecimal(of(text)), digest);
        }
        let million = vec![b'a'; 1_000_000];
        let digest = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert_eq!(hexadecimal(of(&million)), digest);
    }

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        let text: Vec<u8> = (0..1000_u32).map(|i| (i * 7 % 251) as u8).collect();
        for piece in [1, 3, 55, 56, 63, 64, 65, 127, 128, 500] {
            let mut digest = Sha256::new();
            text.chunks(piece).for_each(|part| digest.update(part));
            assert!(digest.finish() == of(&text), "pieces of {piece}");
        }
    }

    #[test]
    fn both_ways_agree() {
        let blocks: Vec<u8> = (0..BLOCK * 9).map(|i| u8::try_from(i * 31 % 253).unwrap()).collect();
        let mut plain = FIRST;
        compress_plainly(&mut plain, &blocks);
        let mut digest = FIRST;
        super::compress(&mut digest, &blocks);
        assert_eq!(plain, digest);
    }
}
