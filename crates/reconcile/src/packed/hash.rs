//! Hashes for tables in memory. They never leave the process.

/// What is stirred into hashes, so that nobody outside can choose texts whose hashes are equal. It is
/// drawn anew by each process, and shown nowhere.
#[derive(Clone, Copy, Default)]
pub(crate) struct Secret(u64);

impl Secret {
    pub(crate) const fn new(drawn: u64) -> Self {
        Self(drawn)
    }

    /// A number, under the secret.
    pub(crate) fn stir(self, number: u64) -> u64 {
        stir(self.0, number)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Both halves of a product, folded: each bit of both sides bears on each bit of the result.
pub(crate) fn stir(a: u64, b: u64) -> u64 {
    let (low, high) = (a ^ 0x9e37_79b9_7f4a_7c15).carrying_mul(b ^ 0xd6e8_feb8_6659_fd93, 0);
    low ^ high
}

/// Of a text, under the secret.
pub(crate) fn hash_text(secret: Secret, text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    let rest = rest
        .iter()
        .fold(1_u64, |value, byte| value << 8 | u64::from(*byte));
    let state = words.fold(secret.0, stir);
    stir(stir(state, rest), text.len() as u64)
}
