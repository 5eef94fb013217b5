//! What was typed, as each way of finding compares it.

use super::filter::Filter;
use crate::Result;
use sqlx::PgConnection;

/// The number counted of each word to find the rarest.
pub const RARE_MAX: i64 = 500;

/// A word that was typed, as it is compared.
pub struct Word {
    /// Of which token.
    pub token: i64,
    pub word: String,
    /// How many words begin so, up to a limit.
    pub count: i64,
}

/// What was typed, as it is compared.
pub struct Read {
    /// Whose very number or code the only token is, or was before two records
    /// became one.
    pub exact: Vec<i64>,
    /// Each token whole: `maria.silva@`.
    pub tokens: Vec<String>,
    pub words: Vec<Word>,
    /// The rarest of the marks asked for.
    pub mark: Option<(String, i64)>,
}

impl Read {
    /// The word that the fewest have, if there are names with each of the words.
    pub fn rarest(&self) -> Option<&Word> {
        let rarest = self.words.iter().min_by_key(|word| (word.count, std::cmp::Reverse(word.word.len())));
        rarest.filter(|word| word.count > 0)
    }

    /// The word that the fewest have of those that are in names.
    pub fn rarest_name(&self) -> Option<&Word> {
        self.words.iter().filter(|word| word.count > 0).min_by_key(|word| word.count)
    }

    /// A mark that few have.
    pub fn rare_mark(&self) -> Option<&str> {
        self.mark.as_ref().filter(|(_, count)| *count <= RARE_MAX).map(|(mark, _)| mark.as_str())
    }
}

pub async fn read(conn: &mut PgConnection, filter: &Filter, patterns: &[String]) -> Result<Read> {
    let (tokens, marks) = (&filter.typed.tokens, filter.rare_marks());
    let single = filter.typed.single();
    // Counting tells which is the rarest: of one alone, and of two that stand
    // together, it is only asked whether it is there.
    let typed: Vec<String> = tokens.iter().map(|token| token.to_lowercase()).collect();
    let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
    let is_plain = tokens.iter().all(|token| token.chars().all(char::is_alphanumeric));
    let rivals = !marks.is_empty() || !is_plain || (tokens.len() > 1 && pair(&typed).is_none());
    let rows = sqlx::query!(
        r#"with m as materialized (
               select m.mark, (select count(*) from (select from client_word p where p.word = m.mark limit (select $3::bigint)) n) as count
                 from unnest((select $2::text[])) m (mark)
           )
           select t.at as "token!", t.text as "text!", w.word as "word?",
                  (select count(*) from (select from client_word p
                    where p.word >= w.word and p.word < search_end(w.word)
                    -- Of few, whom a mark tells, it is only asked whether anyone has the word.
                    limit (select case when min(m.count) < $3 then 1 else $3 end from m)) n) as "count!",
                  array(
                      select s.number
                        from (select c.number, 1 from client c where c.number = (select $5::bigint)
                              union all
                              select c.number, 2 from client c where c.code = (select $4::text::citext)
                              union all
                              select c.number, 3 from client_merge m join client c on c.id = m.kept_id
                               where m.dropped_number = (select $5::bigint) or m.dropped_code = (select $4::text::citext)) found (number, place)
                        join client_search s on s.number = found.number
                       where s.line like all ((select $6::text[])::text[])
                       order by found.place, s.number) as "exact!"
             from (select at, token, search_fold(token) as text
                     from unnest((select $1::text[])) with ordinality u (token, at) offset 0) t
             left join lateral unnest(search_words(t.token)) w (word) on true
            union all
           select 0, mark, mark, count, '{}' from m"#,
        tokens,
        &marks,
        if rivals { RARE_MAX + 1 } else { 1 },
        single,
        single.and_then(|token| token.parse::<i64>().ok()),
        patterns
    );
    let mut read = Read { exact: Vec::new(), tokens: vec![String::new(); tokens.len()], words: Vec::new(), mark: None };
    for row in rows.fetch_all(conn).await? {
        match row.word {
            Some(mark) if row.token == 0 => {
                if read.mark.as_ref().is_none_or(|(_, count)| row.count < *count) {
                    read.mark = Some((mark, row.count));
                }
            }
            word => {
                read.exact = row.exact;
                if let Some(word) = word {
                    read.words.push(Word { token: row.token, word, count: row.count });
                }
                if let Some(token) = read.tokens.get_mut(row.token as usize - 1) {
                    *token = row.text;
                }
            }
        }
    }
    Ok(read)
}

/// What leads to the lines that have two of these words (migration 0013), if
/// two are long enough for it and do not begin alike.
pub fn pair(words: &[&str]) -> Option<String> {
    let start = |word: &&str| {
        let start: String = word.chars().take(3).collect();
        (start.chars().count() == 3).then_some(start)
    };
    let mut starts = words.iter().filter_map(start);
    let one = starts.next()?;
    let other = starts.find(|other| *other != one)?;
    Some(if one < other { format!("+{one} {other}") } else { format!("+{other} {one}") })
}
