//! Typos, the same in every run.

use crate::Dice;

const ROWS: [&str; 6] = ["qwertyuiop", "asdfghjkl", "zxcvbnm", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"];

/// The name with one typo in one of its words of three letters and more: two
/// letters swapped, one left out, one doubled, or its neighbour on the keyboard.
/// `None` where there is no such word.
pub fn with_typo(name: &str, dice: &mut Dice) -> Option<String> {
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
