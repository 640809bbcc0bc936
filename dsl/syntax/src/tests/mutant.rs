//! Texts as typing makes them on the way: a few characters gone, put in or swapped. Seeded.

/// A seeded stream of numbers (xorshift).
pub(crate) struct Chance(pub(crate) u64);

/// What is put in.
const TOKENS: [&str; 48] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "\"\"\"",
    "${",
    "=",
    "==",
    "//",
    "/// ",
    "\n",
    ",",
    ".",
    "..",
    "-",
    "5%",
    "200ms",
    "for ",
    "when ",
    "if ",
    "with {",
    "é",
    "\t",
    "@",
    "\\",
    "not ",
    "\npipeline ",
    ": ",
    "// c\n",
    " and ",
    "\r\n",
    "\r",
    "'",
    ";",
    "use \"a\"\n",
    "// fmt: off\n",
    "\n\n\n",
    "1e-3",
    "True ",
    " && ",
    "/* ",
    " */",
    "<<A\n",
    "- ",
    "$",
];

impl Chance {
    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap_or_default()
    }

    /// Up to `lines` neighbouring lines of a text, with one to four changes.
    pub(crate) fn mutant(&mut self, text: &str, lines: usize) -> String {
        let all: Vec<_> = text.split_inclusive('\n').collect();
        let first = self.below(all.len().max(1));
        let last = (first + 1 + self.below(lines)).min(all.len());
        let kept = all.get(first..last).unwrap_or_default();
        let mut chars: Vec<char> = kept.concat().chars().collect();
        for _ in 0..=self.below(4) {
            let at = self.below(chars.len() + 1);
            match self.below(3) {
                0 => drop(chars.drain(at..(at + self.below(12)).min(chars.len()))),
                1 => {
                    let token = TOKENS.get(self.below(TOKENS.len())).copied().unwrap_or_default();
                    drop(chars.splice(at..at, token.chars()));
                }
                _ if at < chars.len() => {
                    let other = self.below(chars.len());
                    chars.swap(at, other);
                }
                _ => chars.push('\n'),
            }
        }
        chars.into_iter().collect()
    }
}
