//! What tests of merging make: people with something of everything.

use db::{Actor, PgPool};
use shared::ClientNumber;
use shared::accounts::Role;
use shared::merge::MergeForm;
use sqlx::{AssertSqlSafe, query, query_scalar};
use std::collections::{BTreeMap, BTreeSet};
use testkit::{Dice, client_actor, staff_actor};
use uuid::Uuid;

pub async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::FrontDesk]).await
}

pub async fn person(pool: &PgPool, first: &str) -> (Uuid, ClientNumber) {
    let id = client_actor(pool, first).await.id();
    (id, number(pool, id).await)
}

pub async fn number(pool: &PgPool, id: Uuid) -> ClientNumber {
    ClientNumber::new(query_scalar("select number from client where id = $1").bind(id).fetch_one(pool).await.unwrap())
}

pub async fn run(pool: &PgPool, sql: impl Into<String>, ids: &[Uuid]) {
    let mut statement = query(AssertSqlSafe(sql.into()));
    for id in ids {
        statement = statement.bind(*id);
    }
    statement.execute(pool).await.unwrap();
}

pub async fn count(pool: &PgPool, sql: &str, id: Uuid) -> i64 {
    query_scalar(AssertSqlSafe(sql.to_owned())).bind(id).fetch_one(pool).await.unwrap()
}

pub fn chosen(choices: &[(&str, &str)]) -> MergeForm {
    let choices = choices.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect();
    MergeForm { choices, keep_version: "1".into(), drop_version: "1".into(), ..MergeForm::default() }
}

pub struct World {
    pub practitioners: [Uuid; 2],
    pub tags: [Uuid; 3],
    pub fields: [Uuid; 2],
    pub families: [Uuid; 2],
    pub thirds: [Uuid; 3],
}

pub async fn world(pool: &PgPool) -> World {
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

pub async fn link(pool: &PgPool, one: Uuid, other: Uuid, bits: usize) {
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
pub async fn live(pool: &PgPool, world: &World, id: Uuid, side: i64, dice: &mut Dice) {
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
    for permission in ["book", "cancel"] {
        if dice.coin() {
            continue;
        }
        let allowed = dice.coin();
        run(
            pool,
            format!(
                "insert into client_portal_permission (client_id, permission, allowed, set_by)
                 select $1, '{permission}', {allowed}, id from staff_member limit 1"
            ),
            &[id],
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
        run(pool, "insert into client_availability values ($1, 1, 540, 600)", &[id]).await;
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
pub async fn visit(pool: &PgPool, world: &World, client: Uuid, proxy: Option<Uuid>, minutes: i64) -> Uuid {
    let id = db::new_id();
    let practitioner = staff_actor(pool, "Other", &[Role::Practitioner]).await.id();
    let _ = world;
    query(
        "insert into visit (id, service_id, practitioner_id, location_id, client_id, proxy_id, starts_at, ends_at, zone,
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
    run(pool, "insert into message (id, kind, appointment_id, participant_id, subject_version, state) values ($1, 'confirmation', $1, $1, 1, 'done')", &[id]).await;
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
pub async fn dump(pool: &PgPool) -> BTreeMap<String, BTreeSet<String>> {
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
