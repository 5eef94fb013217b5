//! A merge undone was never there; what was edited since either stays, or is
//! said to be in the way.

use crate::support::merging::{chosen, count, desk, dump, link, live, person, run, visit, world};
use db::PgPool;
use db::merge::{self, GROUPS};
use serde_json::{Map, Value};
use shared::merge::MergeForm;
use shared::{ClientNumber, MergeId, Refusal};
use sqlx::{AssertSqlSafe, query_as, query_scalar};
use testkit::{Dice, refusal, rounds, seed};
use uuid::Uuid;

#[testkit::test]
async fn a_merge_undone_was_never_there(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let first = seed();
    for (round, seed) in (first..).take(rounds(8, 100)).enumerate() {
        let mut dice = Dice::new(seed);
        let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
        live(&pool, &world, keep.0, round as i64 * 2, &mut dice).await;
        live(&pool, &world, drop.0, round as i64 * 2 + 1, &mut dice).await;
        if dice.coin() {
            link(&pool, keep.0, drop.0, dice.roll(256)).await;
            run(
                &pool,
                "insert into client_not_duplicate values (least($1, $2), greatest($1, $2), $1)",
                &[keep.0, drop.0],
            )
            .await;
        }
        let before = dump(&pool).await;
        let appointments = count(&pool, "select count(*) from appointment where $1 is not null", keep.0).await;
        let names: Vec<_> = GROUPS.iter().map(|group| group.name).collect();
        let choices: Vec<_> = names.iter().map(|name| (*name, ["keep", "drop"][dice.roll(2)])).collect();
        let fields =
            world.fields.iter().map(|id| (id.to_string(), ["keep", "drop"][dice.roll(2)].to_owned())).collect();
        let login = ["keep", "drop"][dice.roll(2)].to_owned();
        let form = MergeForm { fields, login, ..chosen(&choices) };
        // Deleted in the meantime, the rest of this world would be in the way of the next.
        merge::preview(&pool, &desk, keep.1, drop.1).await.unwrap();
        merge::merge(&pool, &desk, keep.1, drop.1, &form).await.unwrap();
        assert_ne!(dump(&pool).await, before);
        assert_eq!(refusal(testkit::reads::profile(&pool, &desk, drop.1).await), Refusal::NotFound);
        assert_eq!(merge::kept_for(&pool, &desk, drop.1).await.unwrap(), Some(keep.1));
        assert_eq!(count(&pool, "select count(*) from appointment where $1 is not null", keep.0).await, appointments);
        let merged = merge::merges_of(&pool, &desk, keep.1).await.unwrap();
        assert_eq!(merged[0].reasons, Vec::<&str>::new(), "seed {seed}");
        // A form that was opened before the undo is stale afterwards.
        let version = "select version::bigint from client where id = $1";
        let merged_version = count(&pool, version, keep.0).await;
        merge::undo(&pool, &desk, keep.1, merged[0].id).await.unwrap();
        assert!(count(&pool, version, keep.0).await > merged_version);
        let after = dump(&pool).await;
        for (table, rows) in &before {
            let lost: Vec<_> = rows.difference(&after[table]).collect();
            let new: Vec<_> = after[table].difference(rows).collect();
            assert!(lost.is_empty() && new.is_empty(), "seed {seed}, {table}: lost {lost:?}, new {new:?}");
        }
    }
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

/// The address that stays may be another: anyone who has an old mail does not get in.
#[testkit::test]
async fn links_that_were_mailed_before_a_merge_open_nothing(pool: PgPool) {
    let desk = desk(&pool).await;
    for (survives, of_keep, of_drop) in
        [("keep", true, true), ("drop", true, true), ("keep", true, false), ("keep", false, true)]
    {
        let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
        for (id, has_login) in [(keep.0, of_keep), (drop.0, of_drop)] {
            run(
                &pool,
                "insert into account_link (id, kind, secret_hash, client_id, expires_at)
                 values (gen_random_uuid(), 'claim', sha256($1::text::bytea), $1, now() + interval '1 hour')",
                &[id],
            )
            .await;
            if !has_login {
                continue;
            }
            run(&pool, "insert into account (id, username, client_id) values (gen_random_uuid(), $1::text, $1)", &[id])
                .await;
            run(
                &pool,
                "insert into account_link (id, kind, secret_hash, account_id, expires_at)
                 select gen_random_uuid(), 'reset', sha256(id::text::bytea), id, now() + interval '1 hour'
                   from account where client_id = $1",
                &[id],
            )
            .await;
        }
        let before = dump(&pool).await;
        let form = MergeForm { login: survives.into(), ..chosen(&[]) };
        let id = merge::merge(&pool, &desk, keep.1, drop.1, &form).await.unwrap();
        let links: (i64, i64) = query_as(
            "select count(*), count(voided_at) from account_link
              where client_id = $1 or account_id in (select id from account where client_id = $1)",
        )
        .bind(keep.0)
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(links, (3, 3), "two claims and a reset: {survives}, {of_keep}, {of_drop}");
        merge::undo(&pool, &desk, keep.1, id).await.unwrap();
        assert_eq!(dump(&pool).await, before);
    }
}

#[testkit::test]
async fn an_undo_that_would_be_ambiguous_says_why(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
    run(&pool, "insert into client_tag values ($1, $2)", &[drop.0, world.tags[0]]).await;
    visit(&pool, &world, drop.0, None, 0).await;
    let id = merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();
    // What happens to an appointment, and what comes later, is no matter.
    run(&pool, "update appointment_participant set confirmed_start = starts_at where client_id = $1", &[keep.0]).await;
    visit(&pool, &world, keep.0, None, 300).await;
    assert_eq!(merge::merges_of(&pool, &desk, keep.1).await.unwrap()[0].reasons, Vec::<&str>::new());
    run(&pool, "update client set version = version + 1, alert = 'Nuts' where id = $1", &[keep.0]).await;
    assert_eq!(merge::merges_of(&pool, &desk, keep.1).await.unwrap()[0].reasons, Vec::<&str>::new());
    run(&pool, "delete from client_tag where client_id = $1", &[keep.0]).await;
    let reasons = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0).reasons;
    assert_eq!(reasons, ["A tag has been added or taken away since."]);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, id).await), Refusal::NotUndoable);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, MergeId(db::new_id())).await), Refusal::NotFound);
    assert_eq!(merge::kept_for(&pool, &desk, drop.1).await.unwrap(), Some(keep.1));
}

/// What came since may leave no room for what would be put back.
#[testkit::test]
async fn a_couple_that_has_another_member_now_is_in_the_way(pool: PgPool) {
    let desk = desk(&pool).await;
    let (keep, drop, third) = (person(&pool, "Mia").await, person(&pool, "Mia").await, person(&pool, "Leo").await);
    let couple: Uuid = query_scalar(
        "insert into client (id, kind, code, group_name, zone) values (gen_random_uuid(), 'couple', 'CPL1', 'The two', 'UTC') returning id",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let joins = "insert into client_membership (id, group_id, member_id, joined_on) values (gen_random_uuid(), $1, $2, '2024-01-01')";
    run(&pool, joins, &[couple, keep.0]).await;
    run(&pool, joins, &[couple, drop.0]).await;
    let id = merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();
    run(&pool, joins, &[couple, third.0]).await;
    let before = dump(&pool).await;
    let reasons = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0).reasons;
    assert!(reasons[0].starts_with("A couple that one of them was of has got another member since"), "{reasons:?}");
    assert_eq!(dump(&pool).await, before, "trying changes nothing");
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, id).await), Refusal::NotUndoable);
    run(&pool, "delete from client_membership where member_id = $1", &[third.0]).await;
    assert_eq!(merge::merges_of(&pool, &desk, keep.1).await.unwrap()[0].reasons, Vec::<&str>::new());
    merge::undo(&pool, &desk, keep.1, id).await.unwrap();
}

/// Merged, and merged again: numbers lead on, and undoing goes back step by step.
#[testkit::test]
async fn merges_of_merges_are_undone_from_the_last(pool: PgPool) {
    let desk = desk(&pool).await;
    let (a, b, c) = (person(&pool, "Mia").await, person(&pool, "Mia").await, person(&pool, "Mia").await);
    link(&pool, c.0, person(&pool, "Ana").await.0, 255).await;
    let before = dump(&pool).await;
    let first = merge::merge(&pool, &desk, b.1, c.1, &chosen(&[])).await.unwrap();
    let second =
        merge::merge(&pool, &desk, a.1, b.1, &MergeForm { drop_version: "2".into(), ..chosen(&[]) }).await.unwrap();
    assert_eq!(merge::kept_for(&pool, &desk, c.1).await.unwrap(), Some(a.1));
    assert_eq!(refusal(merge::undo(&pool, &desk, a.1, first).await), Refusal::NotUndoable);
    merge::undo(&pool, &desk, a.1, second).await.unwrap();
    merge::undo(&pool, &desk, b.1, first).await.unwrap();
    // Pressed again it is done; of another person it is no such merge.
    merge::undo(&pool, &desk, b.1, first).await.unwrap();
    assert_eq!(refusal(merge::undo(&pool, &desk, b.1, second).await), Refusal::NotFound);
    assert_eq!(dump(&pool).await, before);
    // Both into one.
    let form =
        |keep: &str, drop: &str| MergeForm { keep_version: keep.into(), drop_version: drop.into(), ..chosen(&[]) };
    let first = merge::merge(&pool, &desk, c.1, b.1, &form("1", "3")).await.unwrap();
    let second = merge::merge(&pool, &desk, c.1, a.1, &form("2", "3")).await.unwrap();
    merge::undo(&pool, &desk, c.1, second).await.unwrap();
    merge::undo(&pool, &desk, c.1, first).await.unwrap();
    assert_eq!(dump(&pool).await, before);
}

/// What the table holds of someone, without what follows by itself.
async fn record(pool: &PgPool, id: Uuid) -> Map<String, Value> {
    let row: Value =
        query_scalar("select to_jsonb(c) - array['version', 'updated_at', 'sort_name'] from client c where id = $1")
            .bind(id)
            .fetch_one(pool)
            .await
            .unwrap();
    row.as_object().unwrap().clone()
}

/// Another value for the first column of a choice, as SQL about what it is now.
fn other(column: &str, words: &str) -> String {
    match column {
        "code" => "'Z' || (10000 + nextval('client_number_seq') % 80000)".to_owned(),
        "email" => format!("'{words}' || nextval('client_number_seq') || '@other.test'"),
        "status" => "case when status = 'active' then 'inactive' else 'active' end".to_owned(),
        "prospect_stage" => "case when prospect_stage = 'new' then 'meeting' else 'new' end".to_owned(),
        "zone" => "case when zone = 'UTC' then 'Europe/Paris' else 'UTC' end".to_owned(),
        "birth_date" => "coalesce(birth_date, '1980-01-01') + 1".to_owned(),
        "qualified" => "not coalesce(qualified, false)".to_owned(),
        "sessions_needed" => "coalesce(sessions_needed, 0) + 1".to_owned(),
        "location_id" | "referring_provider_id" => {
            let table = column.trim_end_matches("_id");
            format!("case when {column} is null then (select id from {table} limit 1) end")
        }
        _ if column.ends_with("_id") && column != "veteran_id" => {
            format!("(select id from term where id is distinct from {column} order by random() limit 1)")
        }
        _ => format!("'{words} ' || nextval('client_number_seq')"),
    }
}

/// As an operation would save it.
async fn edit(pool: &PgPool, id: Uuid, column: &str, words: &str) {
    let value = other(column, words);
    run(
        pool,
        format!("update client set {column} = {value}, version = version + 1, updated_at = now() where id = $1"),
        &[id],
    )
    .await;
}

async fn fill_in(pool: &PgPool, id: Uuid, field: Uuid, words: &str) {
    run(
        pool,
        format!(
            "with saved as (update client set version = version + 1, updated_at = now() where id = $1)
             insert into client_field_value (client_id, field_id, words) values ($1, $2, '{words}')
             on conflict (client_id, field_id) do update set words = excluded.words"
        ),
        &[id, field],
    )
    .await;
}

async fn words_of(pool: &PgPool, id: Uuid, field: Uuid) -> Option<String> {
    query_scalar("select words from client_field_value where client_id = $1 and field_id = $2")
        .bind(id)
        .bind(field)
        .fetch_optional(pool)
        .await
        .unwrap()
}

/// Against a model: an edit is in the way when the merge had changed that very
/// choice, and is named; any other stays, and all else is as it was.
#[testkit::test]
async fn an_edit_is_in_the_way_of_an_undo_only_where_the_merge_had_changed_something(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    run(&pool, "insert into referring_provider (id, name) values ($1, 'Dr Who')", &[db::new_id()]).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
    let mut dice = Dice::new(2026);
    live(&pool, &world, keep.0, 0, &mut dice).await;
    live(&pool, &world, drop.0, 1, &mut dice).await;
    let (mut stood, mut stayed) = (0, 0);
    for group in GROUPS.iter().chain(GROUPS) {
        let column = group.columns[0];
        if dice.roll(4) > 0 {
            edit(&pool, drop.0, column, "Other").await;
        }
        let (before, theirs) = (record(&pool, keep.0).await, record(&pool, drop.0).await);
        let mut word = |both: bool| ["keep", "drop", "both"][dice.roll(if both { 3 } else { 2 })];
        let choices: Vec<_> = GROUPS.iter().map(|one| (one.name, word(one.both))).collect();
        let id = merge_now(&pool, keep.1, drop.1, chosen(&choices)).await;
        let merged = record(&pool, keep.0).await;
        let touched = group.columns.iter().any(|column| before[*column] != merged[*column]);
        edit(&pool, keep.0, column, "Edited").await;
        let edited = record(&pool, keep.0).await;
        assert_ne!(edited[column], merged[column], "{column}");

        let stands = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0);
        let undone = merge::undo(&pool, &desk, keep.1, id).await;
        let mut expected = before.clone();
        if touched {
            stood += 1;
            let reason = format!("Edited since, where the merge had changed something: {}.", group.label);
            assert_eq!(stands.reasons, [reason]);
            assert_eq!(refusal(undone), Refusal::NotUndoable);
            assert_eq!(record(&pool, keep.0).await, edited, "nothing half-undone");
            // Set back, it is clear again.
            set_back(&pool, keep.0, column, &merged[column]).await;
            merge::undo(&pool, &desk, keep.1, id).await.unwrap();
        } else {
            stayed += 1;
            assert_eq!((stands.reasons.len(), stands.saved_since), (0, true), "{}: {:?}", group.name, stands.reasons);
            undone.unwrap();
            expected.insert(column.to_owned(), edited[column].clone());
        }
        assert_eq!(record(&pool, keep.0).await, expected, "{}", group.name);
        assert_eq!(record(&pool, drop.0).await, theirs, "{}", group.name);
    }
    assert!(stood > 15 && stayed > 15, "{stood} stood in the way, {stayed} stayed");
}

async fn set_back(pool: &PgPool, id: Uuid, column: &str, value: &Value) {
    let sql = format!(
        "update client c set {column} = r.{column}, version = c.version + 1, updated_at = now()
           from jsonb_populate_record(null::client, jsonb_build_object('{column}', $2)) r where c.id = $1"
    );
    sqlx::query(AssertSqlSafe(sql)).bind(id).bind(value).execute(pool).await.unwrap();
}

/// With the versions as they are.
async fn merge_now(pool: &PgPool, keep: ClientNumber, drop: ClientNumber, form: MergeForm) -> MergeId {
    let versions: (i32, i32) =
        query_as("select k.version, d.version from client k, client d where k.number = $1 and d.number = $2")
            .bind(keep.get())
            .bind(drop.get())
            .fetch_one(pool)
            .await
            .unwrap();
    let form = MergeForm { keep_version: versions.0.to_string(), drop_version: versions.1.to_string(), ..form };
    merge::merge(pool, &desk(pool).await, keep, drop, &form).await.unwrap()
}

#[testkit::test]
async fn information_fields_edited_since_are_named_too(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let field = world.fields[0];
    for (ours, theirs, choice, in_the_way) in [
        (Some("A"), Some("B"), "keep", false),
        (Some("A"), Some("B"), "drop", true),
        (None, Some("B"), "keep", true),
        (Some("A"), None, "keep", false),
        (None, None, "keep", false),
    ] {
        let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
        for (id, words) in [(keep.0, ours), (drop.0, theirs)] {
            if let Some(words) = words {
                fill_in(&pool, id, field, words).await;
            }
        }
        let fields = [(field.to_string(), choice.to_owned())].into();
        let id = merge_now(&pool, keep.1, drop.1, MergeForm { fields, ..chosen(&[]) }).await;
        fill_in(&pool, keep.0, field, "C").await;
        let reasons = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0).reasons;
        let undone = merge::undo(&pool, &desk, keep.1, id).await;
        if in_the_way {
            assert_eq!(reasons, [format!("Edited since, where the merge had changed something: {field}.")]);
            assert_eq!(refusal(undone), Refusal::NotUndoable);
            assert_eq!(words_of(&pool, keep.0, field).await.as_deref(), Some("C"));
        } else {
            assert_eq!(reasons, Vec::<String>::new(), "{ours:?}, {theirs:?}, {choice}");
            undone.unwrap();
            assert_eq!(words_of(&pool, keep.0, field).await.as_deref(), Some("C"));
            assert_eq!(words_of(&pool, drop.0, field).await.as_deref(), theirs);
        }
    }
}

/// A consent was given for a number: with another number back it would be
/// someone's who never gave it.
#[testkit::test]
async fn a_consent_given_since_does_not_go_to_another_number(pool: PgPool) {
    let desk = desk(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
    run(&pool, "update client set mobile = '416 555 0001' where id = $1", &[keep.0]).await;
    run(&pool, "update client set mobile = '416 555 0002' where id = $1", &[drop.0]).await;
    let id = merge_now(&pool, keep.1, drop.1, chosen(&[("mobile", "drop")])).await;
    run(&pool, "update client set sms_consent = true where id = $1", &[keep.0]).await;
    let reasons = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0).reasons;
    assert_eq!(reasons, ["Edited since, where the merge had changed something: Mobile and consents."]);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, id).await), Refusal::NotUndoable);
}

/// The later merge cut its grants to what the first had left: undone before it,
/// the first would give back more.
#[testkit::test]
async fn an_earlier_merge_waits_for_a_later_one(pool: PgPool) {
    let desk = desk(&pool).await;
    let (keep, one, two) = (person(&pool, "Mia").await, person(&pool, "Mia").await, person(&pool, "Mia").await);
    let third = person(&pool, "Ana").await;
    for (id, bits) in [(keep.0, 255), (one.0, 0), (two.0, 0)] {
        link(&pool, id, third.0, bits).await;
    }
    let before = dump(&pool).await;
    let first = merge_now(&pool, keep.1, one.1, chosen(&[])).await;
    let second = merge_now(&pool, keep.1, two.1, chosen(&[])).await;
    let merges = merge::merges_of(&pool, &desk, keep.1).await.unwrap();
    assert!(merges[0].reasons.is_empty());
    assert_eq!(merges[1].reasons, ["Another record was merged in later, and that would have to be undone first."]);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, first).await), Refusal::NotUndoable);
    merge::undo(&pool, &desk, keep.1, second).await.unwrap();
    merge::undo(&pool, &desk, keep.1, first).await.unwrap();
    assert_eq!(dump(&pool).await, before);
}

/// Makes a merge's journal as it was written before choices were compared: with
/// the version, keys of what came, and without a column that is younger.
async fn as_of_old(pool: &PgPool, id: MergeId) {
    let journal: Value =
        query_scalar("select journal from client_merge where id = $1").bind(id.0).fetch_one(pool).await.unwrap();
    let mut tables: Vec<Value> = journal.as_array().unwrap().clone();
    for table in &mut tables {
        let keys: Vec<String> = serde_json::from_value(table["key"].clone()).unwrap();
        for row in table["added"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().retain(|column, _| keys.contains(column));
        }
        for row in table["removed"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("added_at");
        }
        if table["table"] == "client" {
            let changed = &mut table["changed"][0];
            changed["before"]["version"] = 1.into();
            changed["after"]["version"] = 2.into();
        }
    }
    sqlx::query("update client_merge set journal = $2 where id = $1")
        .bind(id.0)
        .bind(Value::Array(tables))
        .execute(pool)
        .await
        .unwrap();
}

#[testkit::test]
async fn merges_of_before_are_undone_as_they_were(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Maria").await);
    run(&pool, "insert into client_tag (client_id, tag_id) values ($1, $2)", &[drop.0, world.tags[0]]).await;
    let (before, theirs) = (record(&pool, keep.0).await, record(&pool, drop.0).await);
    let id = merge_now(&pool, keep.1, drop.1, chosen(&[("first_name", "drop")])).await;
    as_of_old(&pool, id).await;
    // Any edit of theirs blocks the undo, and is named.
    edit(&pool, keep.0, "alert", "Edited").await;
    let reasons = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0).reasons;
    assert_eq!(reasons, ["The record has been edited since."]);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, id).await), Refusal::NotUndoable);
    run(&pool, "update client set alert = '', version = 2 where id = $1", &[keep.0]).await;
    assert_eq!(merge::merges_of(&pool, &desk, keep.1).await.unwrap()[0].reasons, Vec::<String>::new());
    merge::undo(&pool, &desk, keep.1, id).await.unwrap();
    assert_eq!(record(&pool, keep.0).await, before);
    assert_eq!(record(&pool, drop.0).await, theirs);
    assert_eq!(count(&pool, "select count(*) from client_tag where client_id = $1", drop.0).await, 1);
}
