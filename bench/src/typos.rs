//! Slips of the finger, the same in every run.

/// Small random numbers from a seed.
pub struct Dice(pub u64);

impl Dice {
    /// Below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

const ROWS: [&str; 6] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];

/// The name with one slip in one of its words of three letters and more: two
/// letters swapped, one left out, one doubled, or its neighbour on the keyboard.
/// `None` where there is no such word.
pub fn misspelt(name: &str, dice: &mut Dice) -> Option<String> {
    let mut words: Vec<Vec<char>> = name.to_lowercase().split_whitespace().map(|word| word.chars().collect()).collect();
    let long: Vec<usize> = (0..words.len()).filter(|at| words[*at].len() > 2).collect();
    let word = words.get_mut(*long.get(dice.roll(long.len()))?)?;
    let at = dice.roll(word.len());
    match dice.roll(4) {
        0 => {
            let at = at.min(word.len() - 2);
            word.swap(at, at + 1);
        }
        1 => drop(word.remove(at)),
        2 => word.insert(at, word[at]),
        _ => {
            let row: Vec<char> = ROWS.iter().find(|row| row.contains(word[at])).map(|row| row.chars().collect())?;
            let key = row.iter().position(|key| *key == word[at])?;
            word[at] = row[if key == 0 || (key + 1 < row.len() && dice.roll(2) == 0) { key + 1 } else { key - 1 }];
        }
    }
    Some(words.into_iter().map(|word| word.into_iter().collect::<String>()).collect::<Vec<_>>().join(" "))
}
