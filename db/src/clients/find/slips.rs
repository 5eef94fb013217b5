//! A slip in what is no name: a code, an e-mail address, a telephone number, a
//! word of an information field. Keys are too many to be reduced by their letters
//! as the words of names are ([`super::near`]); what was typed is varied instead,
//! by one letter too many, too few, wrong or swapped, and each is looked up. Once
//! few begin as what was typed does, those few are read instead of looking up
//! every variant of what follows.

use super::words::Read;
use crate::Result;
use sqlx::PgConnection;
use std::collections::BTreeSet;

/// Of shorter ones most others are one slip away; of longer ones there are too
/// many variants.
const LETTERS: std::ops::RangeInclusive<usize> = 4..=40;
/// So many are read of each variant.
const EACH: i64 = 20;
/// Whoever begins alike is read at once when they are fewer than that.
const FEW: i64 = 200;
/// So many of all are looked at, in the order of keys.
const LOOKED_AT: i64 = 2_000;

/// Whose keys begin as what was typed would with one slip put right; of several
/// words that is the longest, and the others are as they should be. `mark`: only
/// those few who have it.
pub async fn find(
    conn: &mut PgConnection,
    read: &Read,
    dialled: bool,
    mark: Option<&str>,
    patterns: &[String],
    limit: i64,
) -> Result<Vec<i64>> {
    let longest =
        read.tokens.iter().enumerate().max_by_key(|(at, text)| (text.chars().count(), std::cmp::Reverse(*at)));
    let Some((at, text)) = longest.filter(|(_, text)| LETTERS.contains(&text.chars().count())) else {
        return Ok(Vec::new());
    };
    let letters = text.chars().count() as i32;
    let of_others = read.words.iter().filter(|word| word.token as usize != at + 1);
    let others: Vec<String> = of_others.map(|word| word.word.clone()).collect();
    let numbers = match mark {
        None => {
            let begins = few_begin(&mut *conn, text, letters).await?;
            let beginning: String = text.chars().take(begins).collect();
            let variants: Vec<String> = variants(text, dialled, 0..begins).into_iter().collect();
            let behind: Vec<String> = self::variants(text, dialled, begins..usize::MAX).into_iter().collect();
            sqlx::query_scalar!(
                r#"with v as materialized (
                       select text from unnest((select $1::text[])) v (text)
                   ), behind as materialized (
                       select text from unnest((select $9::text[])) v (text)
                   ), hit as materialized (
                       select k.number, k.key, '{}'::text[] as words
                         from (select number, key from client_key where key >= (select $8::text) and key < search_end((select $8::text))
                                order by key, number limit (select $10::bigint)) k
                        cross join unnest(array[$3::int - 1, $3, $3 + 1]) n
                         join behind on behind.text = left(k.key, n)
                       union all
                       select w.number, w.word, '{}'
                         from (select number, word from client_field_word w
                                where w.word >= (select $8::text) and w.word < search_end((select $8::text))
                                  and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                                order by word, number limit (select $10::bigint)) w
                        cross join unnest(array[$3::int - 1, $3, $3 + 1]) n
                         join behind on behind.text = left(w.word, n)
                       union all
                       select k.number, k.key, '{}'
                         from v cross join lateral (
                              select number, key from client_key where key >= v.text and key < search_end(v.text)
                               order by key, number limit (select $2::bigint)) k
                       union all
                       select w.number, w.word, '{}'
                         from v cross join lateral (
                              select number, word from client_field_word w
                               where w.word >= v.text and w.word < search_end(v.text)
                                 and exists (select from client_field f where f.id = w.field_id and f.in_search and f.active)
                               order by word, number limit (select $2::bigint)) w
                       union all
                       select c.number, l.word, search_words(o.label)
                         from client_field f join client_field_choice o on o.field_id = f.id
                        cross join unnest(search_words(o.label)) l (word)
                        cross join unnest(array[$3::int - 1, $3, $3 + 1]) n
                         join (select text from v union all select text from behind) v on v.text = left(l.word, n)
                        cross join lateral (select client_id from client_field_value where choice_id = o.id
                                             order by client_id limit (select $2::bigint)) x
                         join client c on c.id = x.client_id
                        where f.in_search and f.active
                   )
                   select s.number
                     from (select * from hit order by key, number limit (select $7::bigint)) hit
                     -- These are few: nobody else is asked.
                    cross join lateral (select number, line, keys from client_search where number = hit.number offset 0) s
                    where s.line like all ((select $4::text[])::text[])
                      and not exists (
                          select from unnest((select $5::text[])) other (text)
                           where s.line not like '% ' || other.text || '%'
                             and not exists (select from unnest(s.keys) k where starts_with(k, other.text))
                             and not exists (select from unnest(hit.words) w where starts_with(w, other.text))
                             and not exists (
                                 select from client_field_word o join client_field f on f.id = o.field_id and f.in_search and f.active
                                  where o.number = s.number and starts_with(o.word, other.text)))
                    group by s.number order by min(hit.key), s.number limit (select $6::bigint)"#,
                &variants,
                EACH,
                letters,
                patterns,
                &others,
                limit,
                LOOKED_AT,
                beginning,
                &behind,
                FEW
            )
            .fetch_all(conn)
            .await?
        }
        Some(mark) => {
            let variants: Vec<String> = variants(text, dialled, 0..usize::MAX).into_iter().collect();
            // One slip leaves what is before it or what is behind it as it was: a
            // comparison that most others do not pass.
            let half = letters / 2;
            let (before, behind): (String, String) =
                (text.chars().take(half as usize).collect(), text.chars().skip(half as usize + 1).collect());
            sqlx::query_scalar!(
                r#"with v as materialized (
                       select text from unnest((select $1::text[])) v (text)
                   ), mine as materialized (
                       select number, line, keys from client_word
                        where word = (select $2::text) and line like all ((select $4::text[])::text[])
                   ), known as materialized (
                       select m.number, k.key, '{}'::text[] as words from mine m cross join unnest(string_to_array(m.keys, E'\n')) k (key)
                       union all
                       select m.number, o.word, '{}'
                         from mine m join client_field_word o using (number)
                         join client_field f on f.id = o.field_id and f.in_search and f.active
                       union all
                       select m.number, l.word, search_words(o.label)
                         from mine m join client c on c.number = m.number
                         join client_field_value x on x.client_id = c.id
                         join client_field_choice o on o.id = x.choice_id
                         join client_field f on f.id = o.field_id and f.in_search and f.active
                        cross join unnest(search_words(o.label)) l (word)
                   ), hit as materialized (
                       select distinct known.*
                         from (select * from known
                                where starts_with(key, (select $7::text))
                                   or strpos(substr(key, $9::int + 1, $3 - $9 + 1), (select $8::text)) > 0 offset 0) known
                        cross join unnest(array[$3::int - 1, $3, $3 + 1]) n join v on v.text = left(known.key, n)
                   )
                   select m.number
                     from hit join mine m using (number)
                    where not exists (
                          select from unnest((select $5::text[])) other (text)
                           where m.line not like '% ' || other.text || '%'
                             and not exists (select from unnest(hit.words) w where starts_with(w, other.text))
                             and not exists (select from known k where k.number = m.number and starts_with(k.key, other.text)))
                    group by m.number order by min(hit.key), m.number limit (select $6::bigint)"#,
                &variants,
                mark,
                letters,
                patterns,
                &others,
                limit,
                before,
                behind,
                half
            )
            .fetch_all(conn)
            .await?
        }
    };
    Ok(numbers)
}

/// Of how many letters a beginning is with which only few begin, as short as can
/// be; all of them, if that is not so of any.
async fn few_begin(conn: &mut PgConnection, text: &str, letters: i32) -> Result<usize> {
    let begins = sqlx::query_scalar!(
        r#"select n as "n!" from generate_series(1, $2::int) n cross join lateral (select left($1, n) as text) b
            where (select count(*) from (select from client_key where key >= b.text and key < search_end(b.text) limit $3) k) < $3
              and (select count(*) from (select from client_field_word where word >= b.text and word < search_end(b.text) limit $3) w) < $3
            limit 1"#,
        text,
        letters,
        FEW
    );
    Ok(begins.fetch_optional(conn).await?.unwrap_or(letters) as usize)
}

/// All that are one slip away, which is in or before one of these letters.
fn variants(text: &str, dialled: bool, slips: std::ops::Range<usize>) -> BTreeSet<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut alphabet: BTreeSet<char> = match dialled {
        true => ('0'..='9').collect(),
        // Of another script the letters at hand.
        false => ('a'..='z').chain('0'..='9').chain(letters.iter().copied()).collect(),
    };
    if text.contains('@') {
        alphabet.extend(['.', '-', '_']);
    }
    let mut all = BTreeSet::new();
    let mut add = |letters: Vec<char>| _ = all.insert(letters.into_iter().collect());
    for at in (0..=letters.len()).filter(|at| slips.contains(at)) {
        let (before, behind) = letters.split_at(at);
        let with = |middle: &[char], rest: &[char]| [before, middle, rest].concat();
        for letter in &alphabet {
            add(with(&[*letter], behind));
            if !behind.is_empty() {
                add(with(&[*letter], &behind[1..]));
            }
        }
        match behind {
            [one, other, rest @ ..] => {
                add(with(&[*other, *one], rest));
                add(with(&[], &behind[1..]));
            }
            [_] => add(before.to_vec()),
            [] => {}
        }
    }
    all.remove(text);
    all
}

#[cfg(test)]
mod tests {
    use super::variants;

    #[test]
    fn every_slip_is_among_the_variants() {
        let all = variants("clp1", false, 0..9);
        for slip in ["cpl1", "lp1", "cp1", "clp", "cl1", "cxlp1", "clp1x", "aclp1", "clp2", "xlp1", "clx1"] {
            assert!(all.contains(slip), "{slip}");
        }
        assert!(!all.contains("clp1") && !all.contains("cpl2"));
        assert!(all.iter().all(|variant| strsim::osa_distance(variant, "clp1") == 1));
        assert!(variants("4165550411", true, 0..99).contains("4165550141"));
        assert!(variants("mia@exmaple.com", false, 0..99).contains("mia@example.com"));
        assert!(variants("a.b@x.ca", false, 0..99).contains("a_b@x.ca"));
        let (before, behind) = (variants("clp1", false, 0..2), variants("clp1", false, 2..9));
        assert!(before.union(&behind).eq(&all));
        assert!(behind.iter().all(|variant| variant.starts_with("cl")));
        assert!(variants("王小明李", false, 0..99).contains("王明小李"));
    }
}
