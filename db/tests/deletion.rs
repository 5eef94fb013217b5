//! Parting with a client: what keeps them, what goes with them, and that an
//! erased person is nowhere.

mod support;

use db::deletion::{self, OnDelete, REFERENCES};
use db::{Actor, PgPool};
use shared::accounts::Role;
use shared::clients::{ClientForm, Colour, Status};
use shared::deletion::{Blocker, EraseForm, Hindrance};
use shared::links::LinkForm;
use shared::memberships::GroupForm;
use shared::{ClientNumber, Problem, Refusal};
use sqlx::{AssertSqlSafe, query, query_as, query_scalar};
use std::collections::BTreeSet;
use support::{client_actor, refusal, staff_actor};
use uuid::Uuid;

async fn desk(pool: &PgPool) -> Actor {
    staff_actor(pool, "Dana", &[Role::Staff]).await
}

async fn admin(pool: &PgPool) -> Actor {
    staff_actor(pool, "Ada", &[Role::Administrator]).await
}

async fn make(pool: &PgPool, actor: &Actor, first: &str) -> (Uuid, ClientNumber) {
    let form = ClientForm {
        first_name: first.into(),
        last_name: "Test".into(),
        zone: "America/Toronto".into(),
        ..Default::default()
    };
    let new = db::clients::create(pool, actor, form).await.unwrap();
    (new.id.0, new.number)
}

/// A family, for memberships.
async fn family(pool: &PgPool, name: &str) -> Uuid {
    let id = db::new_id();
    query("insert into client (id, kind, code, group_name, zone) values ($1, 'family', $2, $2, 'UTC')")
        .bind(id)
        .bind(name)
        .execute(pool)
        .await
        .unwrap();
    id
}

async fn run(pool: &PgPool, sql: impl Into<String>, id: Uuid) {
    query(AssertSqlSafe(sql.into())).bind(id).execute(pool).await.unwrap();
}

async fn exists(pool: &PgPool, id: Uuid) -> bool {
    query_scalar("select exists (select from client where id = $1)").bind(id).fetch_one(pool).await.unwrap()
}

/// An appointment that begins so many days from now; negative: it is past.
async fn visit(pool: &PgPool, client: Uuid, days: i32) -> Uuid {
    let practitioner = staff_actor(pool, "Sam", &[Role::Practitioner]).await.id();
    let id = db::new_id();
    query(
        "with s as (insert into service (id, name, duration_minutes) values ($1, 'Physio ' || $1, 50)),
              l as (insert into location (id, name, zone) values ($1, $1::text, 'America/Toronto'))
         insert into appointment (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone,
                                  buffer_minutes, price_cents, request_key, booked_by)
         values ($1, $1, $2, $1, $3, now() + make_interval(days => $4), now() + make_interval(days => $4, mins => 50),
                 'America/Toronto', 0, 0, $1, $3)",
    )
    .bind(id)
    .bind(practitioner)
    .bind(client)
    .bind(days)
    .execute(pool)
    .await
    .unwrap();
    id
}

async fn link(pool: &PgPool, one: Uuid, other: Uuid) {
    query(
        "insert into client_link (id, client_low, client_high, low_label, high_label, low_gets_copies, high_gets_copies)
         values ($1, least($2, $3), greatest($2, $3), 'other', 'other', true, true)",
    )
    .bind(db::new_id())
    .bind(one)
    .bind(other)
    .execute(pool)
    .await
    .unwrap();
}

async fn mail_all(pool: &PgPool) {
    while db::messages::expand_next(pool, "https://k.test").await.unwrap() {}
    while let Some(copy) = db::messages::claim_copy(pool).await.unwrap() {
        db::messages::sent(pool, &copy).await.unwrap();
    }
}

fn kinds(blockers: &[Blocker]) -> Vec<(Hindrance, i64)> {
    blockers.iter().map(|blocker| (blocker.what, blocker.count)).collect()
}

async fn keys_of_client(pool: &PgPool) -> Vec<(String, String, String)> {
    query_as(
        "select c.conrelid::regclass::text, a.attname::text, c.confdeltype::text
           from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
          where c.contype = 'f' and c.confrelid = 'client'::regclass",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Whoever adds a table that refers to clients says in `REFERENCES` what a
/// deletion, a merge and an erasure do about it.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn every_reference_to_a_client_is_decided(pool: PgPool) {
    let real = keys_of_client(&pool).await;
    let listed: BTreeSet<_> = REFERENCES.iter().map(|r| (r.table.to_owned(), r.column.to_owned())).collect();
    assert_eq!(listed.len(), REFERENCES.len(), "a reference stands in the list twice");
    let found: BTreeSet<_> = real.iter().map(|(table, column, _)| (table.clone(), column.clone())).collect();
    assert_eq!(found, listed, "left: the database; right: db/src/deletion/references.rs");
    for reference in REFERENCES.iter().filter(|r| matches!(r.delete, OnDelete::Goes)) {
        let cascades = real.iter().any(|(t, c, on)| t == reference.table && c == reference.column && on == "c");
        assert!(cascades, "{}.{} is to go with the client", reference.table, reference.column);
    }
}

/// Every row that refers to a client keeps them, or is their own.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn no_condition_of_a_reference_overlooks_a_row(pool: PgPool) {
    let desk = desk(&pool).await;
    let (id, number) = make(&pool, &desk, "Mia").await;
    let past = visit(&pool, id, -3).await;
    visit(&pool, id, 3).await;
    let cancelled = visit(&pool, id, 5).await;
    let late = visit(&pool, id, -5).await;
    run(&pool, "update appointment set status = 'cancelled', cancelled_at = now() where id = $1", cancelled).await;
    run(&pool, "update appointment set status = 'cancelled', cancelled_at = now() where id = $1", late).await;
    let found = kinds(&deletion::blockers(&pool, &desk, number).await.unwrap());
    assert_eq!(found, [(Hindrance::Upcoming, 1), (Hindrance::Past, 2), (Hindrance::Cancelled, 1)]);
    assert_eq!(refusal(deletion::delete(&pool, &desk, number).await), Refusal::InUse);
    // History is not destroyed for a deletion that is not possible.
    assert_eq!(refusal(deletion::clear(&pool, &desk, number, Hindrance::Cancelled).await), Refusal::InUse);
    assert_eq!(refusal(deletion::clear(&pool, &desk, number, Hindrance::Past).await), Refusal::InUse);
    assert!(
        query_scalar::<_, bool>("select exists (select from appointment where id = $1)")
            .bind(past)
            .fetch_one(&pool)
            .await
            .unwrap()
    );
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn what_is_cleared_leads_to_the_deletion(pool: PgPool) {
    let desk = desk(&pool).await;
    let (id, number) = make(&pool, &desk, "Mia").await;
    let (parent, _) = make(&pool, &desk, "Ana").await;
    let family = family(&pool, "FAM").await;
    run(&pool, "update client set email = 'mia@kin.test', email_consent = true where id = $1", id).await;
    db::accounts::invite(&pool, &desk, number).await.unwrap();
    run(&pool, "insert into account (id, username, client_id) values ($1, 'mia', $1)", id).await;
    link(&pool, id, parent).await;
    visit(&pool, id, 3).await;
    query("insert into client_membership (id, group_id, member_id, joined_on) values ($1, $2, $3, now())")
        .bind(db::new_id())
        .bind(family)
        .bind(id)
        .execute(&pool)
        .await
        .unwrap();
    run(&pool, "insert into client_phone (id, client_id, number) values ($1, $1, '416 555 0123')", id).await;
    mail_all(&pool).await;

    let all = [
        (Hindrance::Upcoming, 1),
        (Hindrance::Links, 1),
        (Hindrance::Memberships, 1),
        (Hindrance::Login, 1),
        (Hindrance::Mail, 1),
    ];
    assert_eq!(kinds(&deletion::blockers(&pool, &desk, number).await.unwrap()), all);
    for (what, _) in all {
        deletion::clear(&pool, &desk, number, what).await.unwrap();
        deletion::clear(&pool, &desk, number, what).await.unwrap();
    }
    // The notice of the cancelled appointment is still on its way.
    deletion::clear(&pool, &desk, number, Hindrance::Cancelled).await.unwrap();
    let left = kinds(&deletion::blockers(&pool, &desk, number).await.unwrap());
    assert_eq!(left, [(Hindrance::Cancelled, 1)]);
    mail_all(&pool).await;
    deletion::clear(&pool, &desk, number, Hindrance::Cancelled).await.unwrap();
    deletion::delete(&pool, &desk, number).await.unwrap();
    assert!(!exists(&pool, id).await && exists(&pool, parent).await && exists(&pool, family).await);
    assert_eq!(refusal(deletion::delete(&pool, &desk, number).await), Refusal::NotFound);
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn a_booking_under_way_keeps_the_client(pool: PgPool) {
    let desk = desk(&pool).await;
    let (id, number) = make(&pool, &desk, "Mia").await;
    let other = make(&pool, &desk, "Ana").await.0;
    let appointment = visit(&pool, other, 3).await;
    let mut booking = pool.begin().await.unwrap();
    query("update appointment set client_id = $2 where id = $1")
        .bind(appointment)
        .bind(id)
        .execute(&mut *booking)
        .await
        .unwrap();
    let (answer, ()) = tokio::join!(deletion::delete(&pool, &desk, number), async {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        booking.commit().await.unwrap();
    });
    assert_eq!(refusal(answer), Refusal::InUse);
    assert!(exists(&pool, id).await);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn who_may_part_with_a_client(pool: PgPool) {
    let (desk, admin) = (desk(&pool).await, admin(&pool).await);
    let (id, number) = make(&pool, &desk, "Mia").await;
    let assigned = staff_actor(&pool, "Pat", &[Role::Practitioner]).await;
    let stranger = staff_actor(&pool, "Sam", &[Role::Practitioner]).await;
    query("insert into client_practitioner (client_id, practitioner_id) values ($1, $2)")
        .bind(id)
        .bind(assigned.id())
        .execute(&pool)
        .await
        .unwrap();
    let themself = client_actor(&pool, "Nobody").await;
    let form = EraseForm { code: "MT1".into() };
    let others = [(&assigned, Refusal::Forbidden), (&stranger, Refusal::NotFound), (&themself, Refusal::NotFound)];
    for (actor, expected) in others {
        assert_eq!(refusal(deletion::blockers(&pool, actor, number).await), expected);
        assert_eq!(refusal(deletion::delete(&pool, actor, number).await), expected);
        for what in Hindrance::ALL {
            assert_eq!(refusal(deletion::clear(&pool, actor, number, *what).await), expected, "{what}");
        }
        assert_eq!(refusal(deletion::erase(&pool, actor, number, &form).await), expected);
    }
    assert_eq!(refusal(deletion::erase(&pool, &desk, number, &form).await), Refusal::Forbidden);
    let wrong = deletion::erase(&pool, &admin, number, &EraseForm { code: "MT2".into() }).await;
    assert_eq!(refusal(wrong), Refusal::field("code", Problem::OtherCode));
    visit(&pool, id, 2).await;
    assert_eq!(refusal(deletion::erase(&pool, &admin, number, &form).await), Refusal::InUse);
    assert_eq!(db::clients::profile(&pool, &desk, number).await.unwrap().first_name, "Mia");
}

/// In every text that is somebody's, and nowhere else.
const CANARY: &str = "canary";

/// Texts that are never about a person: a venue's zone, a language tag.
const IMPERSONAL: [(&str, &str); 2] = [("appointment", "zone"), ("client", "language")];

/// Columns of text and JSON, with the types that a text can be cast to.
async fn text_columns(pool: &PgPool) -> Vec<(String, String, String)> {
    query_as(
        "select c.table_name::text, c.column_name::text, c.udt_name::text
           from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
          where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
            and c.udt_name in ('text', 'citext', 'varchar', 'bpchar', 'jsonb', 'json')
          order by 1, 2",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Writes the canary into every text of the rows that meet `condition` (`$1`)
/// where the table lets it stand.
async fn fill(pool: &PgPool, table: &str, condition: &str, id: Uuid) {
    for (_, column, kind) in text_columns(pool).await.into_iter().filter(|(name, ..)| name == table) {
        if IMPERSONAL.contains(&(table, column.as_str())) {
            continue;
        }
        let value = match kind.as_str() {
            "json" | "jsonb" => format!("jsonb_build_object('name', '{CANARY}', 'id', $1::text)::{kind}"),
            // As long as it is unique, and short enough for a code.
            "citext" => format!("right('{CANARY}' || right(ctid::text, 0), 6)::citext"),
            _ => format!("'{CANARY}'"),
        };
        let sql = format!("update {table} set {column} = {value} where {condition}");
        // Columns of fixed words refuse.
        let _ = query(AssertSqlSafe(sql)).bind(id).execute(pool).await;
    }
}

/// Every place in the database where the canary still stands.
async fn sightings(pool: &PgPool) -> Vec<String> {
    let tables: Vec<String> =
        query_scalar("select tablename::text from pg_tables where schemaname = 'public' order by 1")
            .fetch_all(pool)
            .await
            .unwrap();
    let mut seen = Vec::new();
    for table in tables {
        let sql = format!("select t::text from {table} t where t::text ilike '%{CANARY}%'");
        let rows: Vec<String> = query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await.unwrap();
        seen.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    seen
}

/// A row in every table that refers to a client, by the ordinary operations
/// where there are any.
async fn live(pool: &PgPool, admin: &Actor, id: Uuid, number: ClientNumber) {
    run(
        pool,
        "update client set email = 'canary@kin.test', email_consent = true, birth_date = '1990-05-05' where id = $1",
        id,
    )
    .await;
    let (parent, _) = make(pool, admin, "Ana").await;
    run(pool, "update client set email = 'ana@kin.test', email_consent = true where id = $1", parent).await;
    link(pool, id, parent).await;
    run(
        pool,
        "insert into client_link_event (id, client_low, client_high, kind, actor_id, actor_name)
         select $1, client_low, client_high, 'created', $1, 'canary' from client_link",
        id,
    )
    .await;
    db::accounts::invite(pool, admin, number).await.unwrap();
    run(pool, "insert into account (id, username, password_hash, client_id) values ($1, 'canary', 'x', $1)", id).await;
    db::accounts::send_reset(pool, admin, number).await.unwrap();
    run(pool, "insert into session (id_hash, account_id, data, expires_at) values ('\\x01', $1, '{\"a\": \"canary\"}', now() + interval '1 day')", id).await;
    let appointment = visit(pool, id, 2).await;
    run(
        pool,
        "insert into message (id, kind, appointment_id, subject_version) values ($1, 'confirmation', $1, 1)",
        appointment,
    )
    .await;
    let managed = visit(pool, parent, 4).await;
    query("update appointment set proxy_id = $2 where id = $1").bind(managed).bind(id).execute(pool).await.unwrap();
    run(
        pool,
        "insert into message (id, kind, appointment_id, subject_version) values ($1, 'confirmation', $1, 1)",
        managed,
    )
    .await;
    mail_all(pool).await;
    db::appointments::cancel(pool, admin, shared::AppointmentId(appointment)).await.unwrap();
    let family = family(pool, "FAM").await;
    let activity = "insert into activity (id, staff_id, type_id, held_on, minutes, title, description, request_key)
         select $1, s.id, t.id, now(), 50, 'canary', 'canary', $1
           from staff_member s, term t where t.vocabulary = 'activity_type' limit 1";
    run(pool, activity, id).await;
    run(pool, "insert into activity_client (activity_id, client_id) values ($1, $1)", id).await;
    run(
        pool,
        "insert into activity_removal (id, staff_id, record)
         select $1, staff_id, jsonb_build_object('activity', to_jsonb(a), 'clients', array[$1]) from activity a where id = $1",
        id,
    )
    .await;
    run(pool, activity.replace("canary", "Group"), family).await;
    run(pool, "insert into activity_client (activity_id, client_id) values ($1, $1)", family).await;
    query("insert into activity_attendee (activity_id, group_id, member_id) values ($1, $1, $2)")
        .bind(family)
        .bind(id)
        .execute(pool)
        .await
        .unwrap();
    run(
        pool,
        "insert into registration (id, secret_hash, first_name, last_name, email, expires_at)
         values ($1, '', 'Canary', 'Test', 'canary@kin.test', now() + interval '1 day')",
        id,
    )
    .await;
    run(pool, "insert into message (id, kind, registration_id, secret) values ($1, 'registration', $1, 'x')", id).await;
    run(
        pool,
        "insert into client_view (id, owner_id, name, query)
         select $1, id, 'View', 'q=Canary&status=active' from staff_member limit 1",
        id,
    )
    .await;
    run(
        pool,
        "insert into bulk_change (id, staff_id, action, status, back, request_key, digest)
         select $1, id, 'status', 'active', '/clients?q=canary%40kin.test', $1, '' from staff_member limit 1",
        id,
    )
    .await;
    run(
        pool,
        "with i as (insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count)
                    select $1, id, $1, 'old.csv', 'UTF-8', '{}', '[]', 1 from staff_member limit 1)
         insert into import_row (import_id, line, cells) values ($1, 1, '[\"Canary\", \"Test\", \"canary@kin.test\"]')",
        id,
    )
    .await;
    run(
        pool,
        "insert into activity_draft (id, staff_id, form, q) select $1, id, '{}', 'canary' from staff_member limit 1",
        id,
    )
    .await;
    for (table, columns, values) in [
        ("client_phone", "id, client_id, number", "$1, $1, 'canary'"),
        ("client_contact", "id, client_id, name", "$1, $1, 'canary'"),
        ("client_practitioner", "client_id, practitioner_id", "$1, (select id from staff_member limit 1)"),
        (
            "client_merge",
            "id, kept_id, dropped_id, dropped_number, dropped_code, merged_by, journal",
            "$1, $1, $1, 1, 'canary', $1, '{}'",
        ),
        (
            "client_not_duplicate",
            "client_low, client_high, said_by",
            "$1, (select id from client where id > $1 limit 1), $1",
        ),
        (
            "client_membership",
            "id, member_id, group_id, joined_on",
            "$1, $1, (select id from client where kind = 'family'), now()",
        ),
        ("client_colour", "client_id, staff_id, colour", "$1, (select id from staff_member limit 1), 'red'"),
        ("client_availability", "client_id, weekday, starts, ends", "$1, 1, '09:00', '12:00'"),
    ] {
        run(pool, format!("insert into {table} ({columns}) values ({values})"), id).await;
    }
    // Somebody else's merge that moved a link of theirs.
    run(
        pool,
        "insert into client_merge (id, kept_id, dropped_id, dropped_number, dropped_code, merged_by, journal)
         select gen_random_uuid(), c.id, gen_random_uuid(), 2, 'ZZ', $1, jsonb_build_object('name', 'canary', 'id', $1::text)
           from client c where c.id <> $1 limit 1",
        id,
    )
    .await;
    run(pool, "with t as (insert into tag (id, name) values ($1, 'Tag') returning id) insert into client_tag select $1, id from t", id).await;
    run(
        pool,
        "with f as (insert into client_field (id, label, kind) values ($1, 'Pet', 'text') returning id)
         insert into client_field_value (client_id, field_id, words) select $1, id, 'canary' from f",
        id,
    )
    .await;
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn an_erased_family_has_no_name_and_keeps_its_members(pool: PgPool) {
    let admin = admin(&pool).await;
    let (member, _) = make(&pool, &admin, "Mia").await;
    let id = family(&pool, "CANARY").await;
    query("insert into client_membership (id, group_id, member_id, joined_on) values ($1, $1, $2, now())")
        .bind(id)
        .bind(member)
        .execute(&pool)
        .await
        .unwrap();
    fill(&pool, "client", "id = $1", id).await;
    run(&pool, "update client set code = 'CANARY' where id = $1", id).await;
    let number =
        ClientNumber(query_scalar("select number from client where id = $1").bind(id).fetch_one(&pool).await.unwrap());
    assert_eq!(kinds(&deletion::blockers(&pool, &admin, number).await.unwrap()), [(Hindrance::Members, 1)]);
    deletion::erase(&pool, &admin, number, &EraseForm { code: "canary".into() }).await.unwrap();
    assert_eq!(sightings(&pool).await, Vec::<String>::new());
    deletion::clear(&pool, &admin, number, Hindrance::Members).await.unwrap();
    deletion::delete(&pool, &admin, number).await.unwrap();
    assert!(exists(&pool, member).await);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn an_erased_person_is_nowhere(pool: PgPool) {
    let admin = admin(&pool).await;
    let (id, number) = make(&pool, &admin, "Canary").await;
    live(&pool, &admin, id, number).await;
    for reference in REFERENCES {
        let (table, column) = (reference.table, reference.column);
        let condition = format!("{column} = $1");
        let rows: i64 = query_scalar(AssertSqlSafe(format!("select count(*) from {table} where {condition}")))
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap();
        // A link has them on one side only, and a person is nobody's family.
        let other_side = ["client_high", "group_id"].contains(&column);
        assert!(rows > 0 || other_side, "live() makes no row in {table} that refers by {column}");
        fill(&pool, table, &condition, id).await;
    }
    fill(&pool, "client", "id = $1", id).await;
    run(&pool, "update client set mobile = '416 canary', email = 'canary@kin.test', code = 'canary' where id = $1", id)
        .await;
    let before = sightings(&pool).await;
    for table in
        ["client:", "account:", "session:", "message_copy:", "client_phone:", "client_merge:", "client_field_value:"]
    {
        assert!(before.iter().any(|row| row.starts_with(table)), "nothing was filled in {table}");
    }

    query("update appointment set proxy_id = (select id from client where id <> $1 limit 1) where client_id = $1")
        .bind(id)
        .execute(&pool)
        .await
        .unwrap();
    deletion::erase(&pool, &admin, number, &EraseForm { code: "CANARY".into() }).await.unwrap();
    assert_eq!(sightings(&pool).await, Vec::<String>::new());
    // Neither a family nor whoever booked for them tells who it was.
    let told: i64 = query_scalar(
        "select (select count(*) from client_membership where member_id = $1)
              + (select count(*) from appointment where client_id = $1 and proxy_id is not null)",
    )
    .bind(id)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(told, 0);

    let erased = db::clients::profile(&pool, &admin, number).await.unwrap();
    assert_eq!((erased.status, erased.username, erased.birth_date), (Status::Inactive, None, None));
    let range: String =
        query_scalar("select t.label from client c join term t on t.id = c.age_range_id where c.id = $1")
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(range, "30 to 44");
    assert!(db::clients::search(&pool, &admin, "canary", 20).await.unwrap().is_empty());
    // History stays, and says nothing.
    let visits: i64 =
        query_scalar("select count(*) from appointment where client_id = $1").bind(id).fetch_one(&pool).await.unwrap();
    assert_eq!(visits, 1);
    mail_all(&pool).await;
    assert_eq!(sightings(&pool).await, Vec::<String>::new());
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
    // Somebody else's mail is as it was.
    let others: i64 = query_scalar("select count(*) from message_copy where address = 'ana@kin.test' and body <> ''")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(others, 1);
}

#[sqlx::test(migrator = "db::MIGRATOR")]
async fn what_is_left_of_an_erased_person_stays_as_it_is(pool: PgPool) {
    let admin = admin(&pool).await;
    let (_, number) = make(&pool, &admin, "Mia").await;
    let (_, other) = make(&pool, &admin, "Leo").await;
    let before = db::clients::profile(&pool, &admin, number).await.unwrap();
    let form = EraseForm { code: before.code.clone() };
    deletion::erase(&pool, &admin, number, &form).await.unwrap();
    let left = db::clients::profile(&pool, &admin, number).await.unwrap();
    assert!(left.erased && !before.erased);

    let code = EraseForm { code: left.code.clone() };
    assert_eq!(refusal(deletion::erase(&pool, &admin, number, &code).await), Refusal::Erased);
    assert_eq!(refusal(db::clients::set_status(&pool, &admin, number, Status::Active).await), Refusal::Erased);
    let form = ClientForm { first_name: "Mia".into(), last_name: "Moretti".into(), ..ClientForm::default() };
    assert_eq!(refusal(db::clients::update(&pool, &admin, number, form).await), Refusal::Erased);
    let merge = db::merge::preview(&pool, &admin, other, number).await;
    assert_eq!(refusal(merge), Refusal::Erased);
    let link = || LinkForm { other_label: "friend".into(), own_label: "friend".into(), ..LinkForm::default() };
    for (own, to) in [(number, other), (other, number)] {
        assert_eq!(refusal(db::links::create(&pool, &admin, own, to, link()).await), Refusal::Erased);
    }
    let tag = db::practice::tags::create(&pool, &admin, "Evening").await.unwrap();
    assert_eq!(refusal(db::clients::set_tag(&pool, &admin, number, tag, true).await), Refusal::Erased);
    let hours = db::clients::save_availability(&pool, &admin, Some(number), Vec::new(), Some(1)).await;
    assert_eq!(refusal(hours), Refusal::Erased);
    assert_eq!(refusal(db::clients::set_colour(&pool, &admin, number, Some(Colour::ALL[0])).await), Refusal::Erased);
    assert_eq!(refusal(db::accounts::invite(&pool, &admin, number).await), Refusal::Erased);
    assert_eq!(refusal(db::activities::start(&pool, &admin, None, Some(number)).await), Refusal::Erased);
    let group = GroupForm { kind: "family".into(), members: vec![number.to_string()], ..GroupForm::default() };
    let nobody = |field: &str| Refusal::field(field, Problem::Unknown);
    assert_eq!(refusal(db::memberships::create(&pool, &admin, group).await), nobody("members"));
    assert_eq!(db::clients::profile(&pool, &admin, number).await.unwrap(), left);
    deletion::delete(&pool, &admin, number).await.unwrap();
}

/// Of a file that waits to be imported the erased person's own rows go: those
/// with their code, their address or their whole name, and nobody else's.
#[sqlx::test(migrator = "db::MIGRATOR")]
async fn erasing_takes_no_other_rows_out_of_a_file(pool: PgPool) {
    let admin = admin(&pool).await;
    let li =
        ClientForm { first_name: "An".into(), last_name: "Li".into(), zone: "UTC".into(), ..ClientForm::default() };
    let li = db::clients::create(&pool, &admin, li).await.unwrap();
    let nobody = family(&pool, "NOBODY").await;
    let file = db::new_id();
    run(
        &pool,
        r#"with i as (insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count)
                      select $1, id, $1, 'new.csv', 'UTF-8', '{}', '[]', 5 from staff_member limit 1)
           insert into import_row (import_id, line, cells) values
               ($1, 2, '["Lilian", "Anderson"]'), ($1, 3, '["William", "Hanley"]'), ($1, 4, '["AN", "li"]'),
               ($1, 5, '["Li, An"]'), ($1, 6, '["Li", "Berta"]')"#,
        file,
    )
    .await;
    let left = async || {
        let lines = "select array(select line from import_row order by line) || row_count from import where id = $1";
        query_scalar::<_, Vec<i32>>(lines).bind(file).fetch_one(&pool).await.unwrap()
    };
    for (client, lines) in [(nobody, vec![2, 3, 4, 5, 6, 5]), (li.id.0, vec![2, 3, 6, 3])] {
        let known = "select number, code::text from client where id = $1";
        let (number, code): (i64, String) = query_as(known).bind(client).fetch_one(&pool).await.unwrap();
        deletion::erase(&pool, &admin, ClientNumber(number), &EraseForm { code }).await.unwrap();
        assert_eq!(left().await, lines);
    }
}
