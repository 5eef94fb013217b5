//! Duplicates and merging: nothing is lost, nobody may do more, and what was
//! done can be undone exactly.

mod support;

use db::deletion::{self, REFERENCES};
use db::merge::{self, GROUPS, KEPT, Likeness, Reason};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::deletion::EraseForm;
use shared::links::Permission;
use shared::merge::MergeForm;
use shared::{ClientNumber, Conflict, MergeId, Problem, Refusal};
use sqlx::{AssertSqlSafe, query, query_as, query_scalar};
use std::collections::{BTreeMap, BTreeSet};
use support::{client_actor, refusal, staff_actor};
use uuid::Uuid;

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::Staff]).await
}

async fn person(pool: &PgPool, first: &str) -> (Uuid, ClientNumber) {
    let id = client_actor(pool, first).await.id();
    (id, number(pool, id).await)
}

async fn number(pool: &PgPool, id: Uuid) -> ClientNumber {
    ClientNumber(query_scalar("select number from client where id = $1").bind(id).fetch_one(pool).await.unwrap())
}

async fn run(pool: &PgPool, sql: impl Into<String>, ids: &[Uuid]) {
    let mut statement = query(AssertSqlSafe(sql.into()));
    for id in ids {
        statement = statement.bind(*id);
    }
    statement.execute(pool).await.unwrap();
}

async fn count(pool: &PgPool, sql: &str, id: Uuid) -> i64 {
    query_scalar(AssertSqlSafe(sql.to_owned())).bind(id).fetch_one(pool).await.unwrap()
}

fn chosen(choices: &[(&str, &str)]) -> MergeForm {
    let choices = choices.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect();
    MergeForm { choices, keep_version: "1".into(), drop_version: "1".into(), ..MergeForm::default() }
}

/// The same numbers each time for one seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn coin(&mut self) -> bool {
        self.roll(2) == 0
    }
}

struct World {
    practitioners: [Uuid; 2],
    tags: [Uuid; 3],
    fields: [Uuid; 2],
    families: [Uuid; 2],
    thirds: [Uuid; 3],
}

async fn world(pool: &PgPool) -> World {
    let mut practitioners = [Uuid::nil(); 2];
    for id in &mut practitioners {
        *id = staff_actor(pool, "Sam", &[Role::Practitioner]).await.id();
    }
    let ids = || [db::new_id(), db::new_id(), db::new_id()];
    let (tags, families, fields, service) = (ids(), ids(), ids(), db::new_id());
    for tag in tags {
        run(pool, "insert into tag (id, name) values ($1, $1::text)", &[tag]).await;
    }
    for (index, family) in families.iter().enumerate() {
        let sql = format!(
            "insert into client (id, kind, code, group_name, zone) values ($1, 'family', 'F{index}', 'Family', 'UTC')"
        );
        run(pool, sql, &[*family]).await;
    }
    for field in fields {
        run(pool, "insert into client_field (id, label, kind) values ($1, $1::text, 'text')", &[field]).await;
    }
    run(pool, "insert into service (id, name, duration_minutes) values ($1, 'Physio', 50)", &[service]).await;
    run(pool, "insert into location (id, name, zone) values ($1, 'Main', 'UTC')", &[service]).await;
    let mut thirds = [Uuid::nil(); 3];
    for third in &mut thirds {
        *third = person(pool, "Third").await.0;
    }
    World { practitioners, tags, fields: [fields[0], fields[1]], families: [families[0], families[1]], thirds }
}

async fn link(pool: &PgPool, one: Uuid, other: Uuid, bits: u64) {
    let bit = |n: u32| bits & (1 << n) != 0;
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label,
                low_may_book, low_may_forms, low_gets_copies, low_may_packages,
                high_may_book, high_may_forms, high_gets_copies, high_may_packages)
         values ($1, least($2, $3), greatest($2, $3), 'parent', 'child', $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(db::new_id())
    .bind(one)
    .bind(other)
    .bind(bit(0))
    .bind(bit(1))
    .bind(bit(2))
    .bind(bit(3))
    .bind(bit(4))
    .bind(bit(5))
    .bind(bit(6))
    .bind(bit(7))
    .execute(pool)
    .await
    .unwrap();
    run(
        pool,
        "insert into client_link_event (id, client_low, client_high, kind, state, actor_id, actor_name)
         select gen_random_uuid(), client_low, client_high, 'created',
                to_jsonb(l) - array['id', 'client_low', 'client_high', 'version', 'created_at'], $1, 'Dana'
           from client_link l where client_low = least($1, $2) and client_high = greatest($1, $2)",
        &[one, other],
    )
    .await;
}

/// Something of everything, by the dice. Hours of day are `side`'s own: the two
/// have no appointments at one time.
async fn live(pool: &PgPool, world: &World, id: Uuid, side: i64, dice: &mut Dice) {
    let texts = ["pronouns", "alert", "notes", "address", "veteran_id", "case_number", "next_step"];
    for column in texts.iter().filter(|_| dice.coin()) {
        run(pool, format!("update client set {column} = '{column} ' || $1::text where id = $1"), &[id]).await;
    }
    if dice.coin() {
        run(pool, "update client set mobile = '416 555 ' || (1000 + number), sms_consent = true, birth_date = '1990-01-01' where id = $1", &[id]).await;
    }
    for tag in world.tags.iter().filter(|_| dice.coin()) {
        run(pool, "insert into client_tag values ($1, $2)", &[id, *tag]).await;
    }
    for field in world.fields.iter().filter(|_| dice.coin()) {
        run(
            pool,
            "insert into client_field_value (client_id, field_id, words) values ($1, $2, 'word ' || $1::text)",
            &[id, *field],
        )
        .await;
    }
    for practitioner in world.practitioners.iter().filter(|_| dice.coin()) {
        run(pool, "insert into client_practitioner (client_id, practitioner_id) values ($1, $2)", &[id, *practitioner])
            .await;
        run(
            pool,
            "insert into client_colour (client_id, staff_id, colour) values ($1, $2, 'red')",
            &[id, *practitioner],
        )
        .await;
    }
    for _ in 0..dice.roll(3) {
        let digits = 1000 + dice.roll(3);
        run(pool, format!("insert into client_phone (id, client_id, label, number) values (gen_random_uuid(), $1, 'Home', '416 555 {digits}')"), &[id]).await;
        let name = dice.roll(3);
        run(
            pool,
            format!(
                "insert into client_contact (id, client_id, name) values (gen_random_uuid(), $1, 'Contact {name}')"
            ),
            &[id],
        )
        .await;
    }
    for family in &world.families {
        if dice.coin() {
            continue;
        }
        let (from, length) = (1 + dice.roll(20), 1 + dice.roll(6));
        let left = if dice.coin() { format!("date '2025-01-01' + {}", from + length) } else { "null".to_owned() };
        run(
            pool,
            format!(
                "insert into client_membership (id, member_id, group_id, joined_on, left_on)
                 values (gen_random_uuid(), $1, $2, date '2025-01-01' + {from}, {left})"
            ),
            &[id, *family],
        )
        .await;
    }
    if dice.coin() {
        run(pool, "insert into client_availability values ($1, 1, '09:00', '10:00')", &[id]).await;
    }
    for (index, third) in world.thirds.iter().enumerate() {
        if dice.coin() {
            link(pool, id, *third, dice.roll(256)).await;
        }
        if dice.coin() {
            let (client, proxy) = if dice.coin() { (id, Some(*third)) } else { (*third, Some(id)) };
            visit(pool, world, client, proxy, (side * 5 + index as i64) * 60).await;
        }
    }
    visit(pool, world, id, None, side * 5 * 60 + 240).await;
    if dice.coin() {
        run(pool, "insert into account (id, username, password_hash, client_id) values (gen_random_uuid(), $1::text, 'x', $1)", &[id]).await;
        run(
            pool,
            "insert into account_link (id, kind, secret_hash, account_id, expires_at)
             select gen_random_uuid(), 'reset', sha256(id::text::bytea), id, now() + interval '1 hour' from account where client_id = $1",
            &[id],
        )
        .await;
        run(
            pool,
            "insert into message (id, kind, account_id, link_id, state)
             select l.id, 'reset', a.id, l.id, 'done' from account a join account_link l on l.account_id = a.id where a.client_id = $1",
            &[id],
        )
        .await;
        run(
            pool,
            "insert into message_copy (id, message_id, address, client_id, subject, body)
             select m.id, m.id, 'a@b.test', $1, 's', 'b' from message m join account a on a.id = m.account_id where a.client_id = $1",
            &[id],
        )
        .await;
    }
    run(
        pool,
        "insert into account_link (id, kind, secret_hash, client_id, expires_at)
         values (gen_random_uuid(), 'claim', sha256($1::text::bytea), $1, now() + interval '1 hour')",
        &[id],
    )
    .await;
    if dice.coin() {
        run(
            pool,
            "insert into client_not_duplicate values (least($1, $2), greatest($1, $2), $1)",
            &[id, world.thirds[0]],
        )
        .await;
    }
    let activity = db::new_id();
    run(
        pool,
        "insert into activity (id, staff_id, type_id, held_on, minutes, request_key)
         select $1, $2, id, '2025-03-03', 50, $1 from term where vocabulary = 'activity_type' limit 1",
        &[activity, world.practitioners[0]],
    )
    .await;
    run(pool, "insert into activity_client values ($1, $2)", &[activity, id]).await;
    run(pool, "insert into activity_client values ($1, $2)", &[activity, world.families[0]]).await;
    run(pool, "insert into activity_attendee values ($1, $2, $3)", &[activity, world.families[0], id]).await;
}

/// Overbooked for the practitioner, so that only the people matter.
async fn visit(pool: &PgPool, world: &World, client: Uuid, proxy: Option<Uuid>, minutes: i64) -> Uuid {
    let id = db::new_id();
    let practitioner = staff_actor(pool, "Other", &[Role::Practitioner]).await.id();
    let _ = world;
    query(
        "insert into appointment (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         select $1, s.id, $2, l.id, $3, $4, t, t + interval '50 minutes', 'UTC', 0, 0, $1, $3
           from service s, location l, (select date_trunc('day', now()) + make_interval(days => 9, mins => $5::int) as t) t
          limit 1",
    )
    .bind(id)
    .bind(practitioner)
    .bind(client)
    .bind(proxy)
    .bind(minutes as i32)
    .execute(pool)
    .await
    .unwrap();
    run(pool, "insert into message (id, kind, appointment_id, subject_version, state) values ($1, 'confirmation', $1, 1, 'done')", &[id]).await;
    run(
        pool,
        "insert into message_copy (id, message_id, address, client_id, about_id, subject, body)
         values ($1, $1, 'c@d.test', $3, nullif($2, $3), 's', 'b')",
        &[id, client, proxy.unwrap_or(client)],
    )
    .await;
    id
}

/// All that is stored but the audit and who is logged in.
async fn dump(pool: &PgPool) -> BTreeMap<String, BTreeSet<String>> {
    let tables: Vec<String> = query_scalar(
        "select tablename::text from pg_tables
          where schemaname = 'public' and tablename not like 'audit%' and tablename not in ('session', 'staff_member')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut dump = BTreeMap::new();
    for table in tables {
        let rows: Vec<String> =
            query_scalar(AssertSqlSafe(format!("select (to_jsonb(t) - 'version')::text from {table} t")))
                .fetch_all(pool)
                .await
                .unwrap();
        dump.insert(table, rows.into_iter().collect());
    }
    dump
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn every_column_of_a_client_is_a_choice_or_stays(pool: PgPool) {
    let real: BTreeSet<String> = query_scalar(
        "select attname::text from pg_attribute where attrelid = 'client'::regclass and attnum > 0 and not attisdropped",
    )
    .fetch_all(&pool)
    .await
    .unwrap()
    .into_iter()
    .collect();
    let listed: Vec<String> =
        GROUPS.iter().flat_map(|group| group.columns).chain(KEPT).map(|name| (*name).to_owned()).collect();
    let distinct: BTreeSet<String> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), distinct.len());
    assert_eq!(real, distinct, "left: the table; right: db/src/merge/fields.rs");
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_merge_undone_was_never_there(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    for seed in 1..=8 {
        let mut dice = Dice(seed * 7919);
        let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
        live(&pool, &world, keep.0, seed as i64 * 2, &mut dice).await;
        live(&pool, &world, drop.0, seed as i64 * 2 + 1, &mut dice).await;
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
        let choices: Vec<_> = names.iter().map(|name| (*name, ["keep", "drop"][dice.roll(2) as usize])).collect();
        let fields = world
            .fields
            .iter()
            .map(|id| (id.to_string(), ["keep", "drop"][dice.roll(2) as usize].to_owned()))
            .collect();
        let login = ["keep", "drop"][dice.roll(2) as usize].to_owned();
        let form = MergeForm { fields, login, ..chosen(&choices) };
        // Deleted in the meantime, the rest of this world would be in the way of the next.
        merge::preview(&pool, &desk, keep.1, drop.1).await.unwrap();
        merge::merge(&pool, &desk, keep.1, drop.1, &form).await.unwrap();
        assert_ne!(dump(&pool).await, before);
        assert_eq!(refusal(db::clients::profile(&pool, &desk, drop.1).await), Refusal::NotFound);
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

/// The address that stays may be another: whoever has an old mail does not get in.
#[sqlx::test(migrator = "db::MIGRATOR")]
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

type May = BTreeSet<(Uuid, Uuid, u8)>;

async fn may(pool: &PgPool) -> May {
    let rows: Vec<(Uuid, Uuid, bool, bool, bool, bool)> =
        query_as("select holder, subject, may_book, may_forms, gets_copies, may_packages from client_grant")
            .fetch_all(pool)
            .await
            .unwrap();
    let mut may = May::new();
    for (holder, subject, book, forms, copies, packages) in rows {
        for (index, granted) in [book, forms, copies, packages].into_iter().enumerate() {
            if granted {
                may.insert((holder, subject, index as u8));
            }
        }
    }
    assert_eq!(Permission::ALL.len(), 4);
    may
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn nobody_may_do_more_than_before(pool: PgPool) {
    let desk = desk(&pool).await;
    let mut dice = Dice(42);
    for _ in 0..8 {
        let (keep, drop, third, fourth) = (
            person(&pool, "Mia").await,
            person(&pool, "Mia").await,
            person(&pool, "Ana").await,
            person(&pool, "Bo").await,
        );
        for (one, other) in [(keep, third), (drop, third), (drop, fourth), (third, fourth), (keep, drop)] {
            if dice.roll(4) > 0 {
                link(&pool, one.0, other.0, dice.roll(256)).await;
            }
        }
        let before = may(&pool).await;
        merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();
        let after = may(&pool).await;
        let parts = |id: Uuid| if id == keep.0 { vec![keep.0, drop.0] } else { vec![id] };
        for (holder, subject, permission) in &after {
            for (holder, subject) in
                parts(*holder).into_iter().flat_map(|h| parts(*subject).into_iter().map(move |s| (h, s)))
            {
                assert!(before.contains(&(holder, subject, *permission)));
            }
        }
        for (holder, subject, permission) in &before {
            let both = |a: &Uuid, b: &Uuid| *a == third.0 && (*b == keep.0 || *b == drop.0);
            if both(holder, subject) && parts(keep.0).iter().all(|s| before.contains(&(third.0, *s, *permission))) {
                assert!(after.contains(&(third.0, keep.0, *permission)));
            }
        }
    }
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn what_was_chosen_stands_and_lists_are_united(pool: PgPool) {
    let desk = desk(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Maria").await);
    run(&pool, "update client set notes = 'First', mobile = '416 555 0001', alert = 'Nuts' where id = $1", &[keep.0])
        .await;
    run(&pool, "update client set notes = 'Second', mobile = '416 555 0002', code = 'MT77' where id = $1", &[drop.0])
        .await;
    for id in [keep.0, drop.0] {
        run(
            &pool,
            "insert into client_phone (id, client_id, number) values (gen_random_uuid(), $1, '+1 (416) 555-0003')",
            &[id],
        )
        .await;
    }
    let form = chosen(&[("first_name", "drop"), ("notes", "both"), ("code", "drop"), ("mobile", "drop")]);
    merge::merge(&pool, &desk, keep.1, drop.1, &form).await.unwrap();
    let now = db::clients::profile(&pool, &desk, keep.1).await.unwrap();
    assert_eq!((now.first_name.as_str(), now.code.as_str(), now.alert.as_str()), ("Maria", "MT77", "Nuts"));
    assert_eq!(now.notes.as_deref(), Some("First\n\nSecond"));
    assert_eq!(now.mobile.as_deref(), Some("416 555 0002"));
    let numbers: Vec<String> = query_scalar("select number from client_phone where client_id = $1 order by number")
        .bind(keep.0)
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(numbers, ["+1 (416) 555-0003", "416 555 0001"]);
    // By the number and the code that are gone the one that stays is found.
    let given_up = "select dropped_code::text from client_merge where kept_id = $1";
    let code: String = query_scalar(given_up).bind(keep.0).fetch_one(&pool).await.unwrap();
    for gone in [code, drop.1.to_string()] {
        let found = db::clients::search(&pool, &desk, &gone, 5).await.unwrap();
        assert_eq!(found.first().map(|row| row.number), Some(keep.1), "{gone}");
    }
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn what_stands_in_the_way_of_a_merge(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
    let family = number(&pool, world.families[0]).await;
    let same = merge::merge(&pool, &desk, keep.1, keep.1, &chosen(&[])).await;
    assert_eq!(refusal(same), Refusal::field("drop", Problem::Same));
    let kinds = merge::merge(&pool, &desk, keep.1, family, &chosen(&[])).await;
    assert_eq!(refusal(kinds), Refusal::field("drop", Problem::OnlyIndividuals));
    let stale =
        merge::merge(&pool, &desk, keep.1, drop.1, &MergeForm { drop_version: "2".into(), ..chosen(&[]) }).await;
    assert_eq!(refusal(stale), Refusal::Stale);
    visit(&pool, &world, keep.0, None, 0).await;
    let second = visit(&pool, &world, drop.0, None, 30).await;
    assert_eq!(merge::preview(&pool, &desk, keep.1, drop.1).await.unwrap().clashes.len(), 1);
    let busy = merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await;
    assert_eq!(refusal(busy), Refusal::Conflict(Conflict::ClientBusy));
    db::appointments::cancel(&pool, &desk, shared::AppointmentId(second)).await.unwrap();
    merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();

    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let (one, other) = (person(&pool, "Bo").await, person(&pool, "Bo").await);
    assert_eq!(refusal(merge::merge(&pool, &pat, one.1, other.1, &chosen(&[])).await), Refusal::NotFound);
    assert_eq!(merge::kept_for(&pool, &pat, drop.1).await.unwrap(), None);
    assert_eq!(refusal(merge::duplicates(&pool, &pat, 1).await), Refusal::Forbidden);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn of_two_merges_at_once_one_wins(pool: PgPool) {
    let desk = desk(&pool).await;
    let (one, two, gone) = (person(&pool, "Mia").await, person(&pool, "Mia").await, person(&pool, "Mia").await);
    let form = chosen(&[]);
    let (first, second) = tokio::join!(
        merge::merge(&pool, &desk, one.1, gone.1, &form),
        merge::merge(&pool, &desk, two.1, gone.1, &form)
    );
    assert_ne!(first.is_ok(), second.is_ok());
    let refused = if first.is_ok() { refusal(second) } else { refusal(first) };
    assert_eq!(refused, Refusal::NotFound);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn an_undo_that_would_be_ambiguous_says_why(pool: PgPool) {
    let desk = desk(&pool).await;
    let world = world(&pool).await;
    let (keep, drop) = (person(&pool, "Mia").await, person(&pool, "Mia").await);
    run(&pool, "insert into client_tag values ($1, $2)", &[drop.0, world.tags[0]]).await;
    visit(&pool, &world, drop.0, None, 0).await;
    let id = merge::merge(&pool, &desk, keep.1, drop.1, &chosen(&[])).await.unwrap();
    // What happens to an appointment, and what comes later, is no matter.
    run(&pool, "update appointment set version = version + 1 where client_id = $1", &[keep.0]).await;
    visit(&pool, &world, keep.0, None, 300).await;
    assert_eq!(merge::merges_of(&pool, &desk, keep.1).await.unwrap()[0].reasons, Vec::<&str>::new());
    run(&pool, "update client set version = version + 1, alert = 'Nuts' where id = $1", &[keep.0]).await;
    run(&pool, "delete from client_tag where client_id = $1", &[keep.0]).await;
    let reasons = merge::merges_of(&pool, &desk, keep.1).await.unwrap().remove(0).reasons;
    assert_eq!(reasons, ["The record has been edited or merged again since.", "The tags have changed since."]);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, id).await), Refusal::NotUndoable);
    assert_eq!(refusal(merge::undo(&pool, &desk, keep.1, MergeId(db::new_id())).await), Refusal::NotFound);
    assert_eq!(merge::kept_for(&pool, &desk, drop.1).await.unwrap(), Some(keep.1));
}

/// Merged, and merged again: numbers lead on, and undoing goes back step by step.
#[sqlx::test(migrator = "db::MIGRATOR")]
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

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn an_erasure_destroys_the_journals(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    for erase_third in [false, true] {
        let (keep, drop, third) =
            (person(&pool, "Mia").await, person(&pool, "Secret").await, person(&pool, "Ana").await);
        run(&pool, "update client set alert = 'canary' where id = $1", &[drop.0]).await;
        // Of the link of the one that goes the journal has the whole row.
        link(&pool, drop.0, third.0, 255).await;
        link(&pool, keep.0, third.0, 255).await;
        merge::merge(&pool, &admin, keep.1, drop.1, &chosen(&[])).await.unwrap();
        let whom = if erase_third { third } else { keep };
        let code: String =
            query_scalar("select code::text from client where id = $1").bind(whom.0).fetch_one(&pool).await.unwrap();
        deletion::erase(&pool, &admin, whom.1, &EraseForm { code }).await.unwrap();
        let journals =
            count(&pool, "select count(*) from client_merge where journal is not null and $1 is not null", keep.0)
                .await;
        assert_eq!(journals, 0);
    }
    for reference in REFERENCES.iter().filter(|r| r.table == "client_merge") {
        assert_eq!(reference.column, "kept_id");
    }
}

fn reasons(pair: &merge::Duplicate) -> &[Reason] {
    &pair.reasons
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn who_may_be_one_person_twice(pool: PgPool) {
    let desk = desk(&pool).await;
    let add = async |first: &str, last: &str, born: &str, email: &str, mobile: &str| {
        let (id, number) = person(&pool, first).await;
        query(
            "update client set last_name = $2, birth_date = nullif($3, '')::date, email = nullif($4, ''),
                    email_consent = false, mobile = nullif($5, '') where id = $1",
        )
        .bind(id)
        .bind(last)
        .bind(born)
        .bind(email)
        .bind(mobile)
        .execute(&pool)
        .await
        .unwrap();
        number
    };
    let mia = add("Mia", "Okafor", "2015-03-09", "ana@kin.test", "416 555 0101").await;
    let again = add("Mía", "OKAFOR", "2015-03-09", "", "").await;
    // A twin, a brother with the same address, and a father of the same name.
    add("Leo", "Okafor", "2015-03-09", "ana@kin.test", "416 555 0101").await;
    add("Tom", "Okafor", "2012-03-09", "ana@kin.test", "").await;
    let father = add("John", "Silva", "1970-01-01", "john@kin.test", "416 555 0202").await;
    add("John", "Silva", "2001-01-01", "john@kin.test", "+1 416 555 0202").await;
    let caller = add("Catherine", "Moreau", "", "", "416-555-0303").await;
    let katherine = add("Katherine", "Moreau", "1980-01-01", "", "(416) 555 0303").await;
    let found = merge::duplicates(&pool, &desk, 1).await.unwrap();
    let pairs: Vec<_> = found.rows.iter().map(|pair| (pair.one.number, pair.other.number)).collect();
    assert_eq!(pairs, [(mia, again), (caller, katherine)], "{father}");
    assert_eq!(reasons(&found.rows[0]), [Reason::SameName, Reason::BirthDate]);
    assert_eq!(reasons(&found.rows[1]), [Reason::SimilarName, Reason::Phone]);

    merge::not_duplicate(&pool, &desk, again, mia).await.unwrap();
    merge::not_duplicate(&pool, &desk, mia, again).await.unwrap();
    assert_eq!(merge::duplicates(&pool, &desk, 1).await.unwrap().rows.len(), 1);
    merge::maybe_duplicate(&pool, &desk, again, mia).await.unwrap();
    assert_eq!(merge::duplicates(&pool, &desk, 1).await.unwrap().rows.len(), 2);
    merge::not_duplicate(&pool, &desk, mia, again).await.unwrap();
    // The same name, address and year: a slip in the date. A name alone is enough to ask.
    add("Noor", "Haddad", "1990-11-08", "noor@kin.test", "").await;
    add("Noor", "Haddad", "1990-08-11", "noor@kin.test", "").await;
    add("Ivy", "Stone", "", "", "").await;
    add("Ivy", "Stone", "1990-01-01", "", "").await;
    let found = merge::duplicates(&pool, &desk, 1).await.unwrap();
    let names: Vec<_> = found.rows.iter().map(|pair| (pair.one.name.as_str(), pair.points)).collect();
    assert_eq!(names, [("Catherine Moreau", 55), ("Noor Haddad", 50), ("Ivy Stone", 50)]);

    // Whoever only shares an address is named, behind those who may be the one.
    let typed = Likeness { first: "Zoe".into(), email: Some("ana@kin.test".into()), ..Likeness::default() };
    let relatives = merge::likely(&pool, &desk, &typed).await.unwrap();
    assert_eq!(relatives.len(), 3);
    assert!(relatives.iter().all(|found| found.reasons == [Reason::Email]));

    let typed = Likeness { first: "mia".into(), last: "Okafor".into(), ..Likeness::default() };
    let likely = merge::likely(&pool, &desk, &typed).await.unwrap();
    assert_eq!(likely.iter().map(|found| found.client.number).collect::<BTreeSet<_>>(), BTreeSet::from([mia, again]));
    let typed = Likeness {
        first: "Kate".into(),
        last: "Moreau".into(),
        phone: Some("1 416 555 0303".into()),
        ..Likeness::default()
    };
    assert_eq!(merge::likely(&pool, &desk, &typed).await.unwrap()[0].client.number, katherine);
    // Nobody whom a practitioner does not see is named.
    let pat = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    assert!(merge::likely(&pool, &pat, &typed).await.unwrap().is_empty());
    let nothing = Likeness::default();
    assert!(merge::likely(&pool, &desk, &nothing).await.unwrap().is_empty());
}
