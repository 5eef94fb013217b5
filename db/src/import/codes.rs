//! Codes for those who bring none, many at a time. A code that an import has
//! chosen is kept in `import_code` right away, outside of its transaction, so that
//! no one else is suggested it while the import is under way.

use crate::{Error, PgPool, Result};
use shared::clients::Kind;
use shared::{ImportId, Problem, Refusal};
use std::collections::{BTreeMap, HashMap};

/// The numbers that have been tried behind each stem.
#[derive(Default)]
pub(super) struct Codes {
    next: HashMap<String, i32>,
}

impl Codes {
    /// A free code for each stem, in their order: the stem and a number; behind
    /// fewer letters, and then behind any, once those of six characters are used up.
    pub async fn take(&mut self, pool: &PgPool, import: ImportId, stems: &[String]) -> Result<Vec<String>> {
        let mut codes: Vec<Option<String>> = vec![None; stems.len()];
        let any = ('A'..='Z').map(String::from);
        let levels = [None, Some(1)].into_iter().map(|length| (length, None));
        let levels = levels.chain(std::iter::once("C".to_owned()).chain(any).map(|stem| (None, Some(stem))));
        for (length, instead) in levels {
            let mut wanting: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (place, stem) in stems.iter().enumerate().filter(|(place, _)| codes[*place].is_none()) {
                let stem = instead.clone().unwrap_or_else(|| stem[..length.unwrap_or(stem.len())].to_owned());
                wanting.entry(stem).or_default().push(place);
            }
            if wanting.is_empty() {
                break;
            }
            for (stem, code) in self.find(pool, import, &wanting).await? {
                if let Some(place) = wanting.get_mut(&stem).and_then(Vec::pop) {
                    codes[place] = Some(code);
                }
            }
        }
        let all: Option<Vec<String>> = codes.into_iter().collect();
        all.ok_or(Error::Refused(Refusal::field("code", Problem::Required)))
    }

    /// As many free codes of each stem as are wanted, if there are enough.
    async fn find(
        &mut self,
        pool: &PgPool,
        import: ImportId,
        wanting: &BTreeMap<String, Vec<usize>>,
    ) -> Result<Vec<(String, String)>> {
        let stems: Vec<String> = wanting.keys().cloned().collect();
        let from: Vec<i32> = stems.iter().map(|stem| self.next.get(stem).copied().unwrap_or(1)).collect();
        let most: Vec<i32> =
            stems.iter().map(|stem| 10_i32.pow((Kind::Individual.code_max() - stem.len()) as u32) - 1).collect();
        let many: Vec<i64> = wanting.values().map(|places| places.len() as i64).collect();
        // A few look-ups in indexes for each code, also by a plan from when the tables were empty.
        let mut tx = pool.begin().await?;
        sqlx::query("select set_config('enable_seqscan', 'off', true), set_config('statement_timeout', '30s', true)")
            .execute(&mut *tx)
            .await?;
        let found = sqlx::query!(
            r#"with free as materialized (
                   select w.stem, f.n
                     from unnest($1::text[], $2::int[], $3::int[], $4::bigint[]) as w (stem, low, high, many)
                    cross join lateral (
                        select s.n from (select generate_series(w.low, w.high) as n) s
                         where (select true from client c where c.code = (w.stem || s.n)::citext limit 1) is null
                           and (select true from import_code i where i.code = (w.stem || s.n)::citext limit 1) is null
                           and (select true from import_row r where r.code = (w.stem || s.n)::citext limit 1) is null
                         limit w.many) f
               ), kept as (
                   insert into import_code (code, import_id) select stem || n, $5 from free on conflict do nothing returning code
               )
               select free.stem as "stem!", free.n as "n!", free.stem || free.n as "code!"
                 from free where (free.stem || free.n)::citext in (select code from kept) order by free.n"#,
            &stems,
            &from,
            &most,
            &many,
            import.0
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        for row in &found {
            let next = self.next.entry(row.stem.clone()).or_insert(1);
            *next = (*next).max(row.n + 1);
        }
        Ok(found.into_iter().map(|row| (row.stem, row.code)).collect())
    }
}
