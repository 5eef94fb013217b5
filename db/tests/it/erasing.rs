//! An erased person is nowhere; what reports count by stays, and what is others'.

use crate::support::deletion::{admin, exists, family, kinds, link, mail_all, make, run, visit};
use db::activities::{self, Draft};
use db::deletion::{self, REFERENCES};
use db::{Actor, PgPool};
use shared::activities::{ActivityForm, ActivityQuery, Attendee, Whose};
use shared::clients::{ClientForm, Colour, Status};
use shared::deletion::{Blocker, EraseForm};
use shared::links::LinkForm;
use shared::memberships::GroupForm;
use shared::{ClientNumber, Problem, Refusal};
use sqlx::{AssertSqlSafe, query, query_as, query_scalar};
use testkit::refusal;
use uuid::Uuid;

/// In every text that is someone's, and nowhere else.
const CANARY: &str = "canary";

/// Texts that are never about a person: a venue's zone, a language tag.
const IMPERSONAL: [(&str, &str); 3] = [("appointment", "tzdb"), ("appointment", "zone"), ("client", "language")];

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
    run(pool, "insert into safe_contact (client_id, rule, set_by) values ($1, 'discreet', $1)", id).await;
    run(
        pool,
        "insert into link_invitation (id, client_id, email, secret_hash, expires_at)
         values ($1, $1, 'canary.friend@kin.test', '\\x09', now() + interval '7 days')",
        id,
    )
    .await;
    run(pool, "insert into coming_of_age (client_id, on_day) values ($1, '2008-05-05')", id).await;
    db::accounts::invite(pool, admin, number).await.unwrap();
    run(pool, "insert into account (id, username, password_hash, client_id) values ($1, 'canary', 'x', $1)", id).await;
    db::accounts::send_reset(pool, admin, number).await.unwrap();
    let pending = "insert into account_link (id, kind, secret_hash, account_id, new_email, expires_at)
                   values ($1, 'address', '\\x02', $1, 'canary@kin.test', now() + interval '1 hour')";
    run(pool, pending, id).await;
    run(pool, "insert into session (id_hash, account_id, data, expires_at) values ('\\x01', $1, '{\"a\": \"canary\"}', now() + interval '1 day')", id).await;
    let taken_off =
        "insert into client_practitioner_ended (client_id, practitioner_id) select $1, id from staff_member limit 1";
    run(pool, taken_off, id).await;
    run(pool, "insert into recent_client (staff_id, client_id) select id, $1 from staff_member limit 1", id).await;
    let appointment = visit(pool, id, 2).await;
    run(
        pool,
        "insert into message (id, kind, appointment_id, participant_id, subject_version) values ($1, 'confirmation', $1, $1, 1)",
        appointment,
    )
    .await;
    run(
        pool,
        "insert into appointment_call (participant_id, starts_at, reached, called_by, callee_id)
         select v.id, v.starts_at, true, s.id, $1 from appointment_participant v, staff_member s where v.client_id = $1 limit 1",
        id,
    )
    .await;
    for waits in [
        "insert into waitlist_entry (id, client_id, service_id, first_on, last_on, note, entered_by, request_key)
         select $1, $1, id, current_date, current_date + 9, 'canary', $1, $1 from service limit 1",
        "insert into waitlist_offer (id, entry_id, practitioner_id, starts_at, ends_at, lapses_at)
         select $1, $1, id, now() + interval '2 days', now() + interval '3 days', now() + interval '1 hour' from staff_member limit 1",
        "insert into waitlist_link (id, offer_id, client_id, secret_hash) values ($1, $1, $1, '\\x03')",
    ] {
        run(pool, waits, id).await;
    }
    for written in [
        "insert into document (id, client_id, author_id, opened_at, opened_by)
         select $1, $1, id, now(), $1 from staff_member limit 1",
        "insert into document_version (document_id, number, title, body, written_by)
         select $1, 1, 'canary', 'canary', id from staff_member limit 1",
        "insert into file (id, client_id, kind, size, sha256, uploaded_by_client)
         values ($1, $1, 'pdf', 6, sha256('canary'), $1)",
        "insert into file_content (file_id, bytes) values ($1, 'canary')",
        "insert into document_version (document_id, number, title, body, file_id, written_by)
         select $1, 2, 'canary', '', $1, id from staff_member limit 1",
        "insert into document_reader (document_id, client_id, added_by) select $1, $1, id from staff_member limit 1",
    ] {
        run(pool, written, id).await;
    }
    for asked in [
        "insert into form (id, name) values ($1, 'Intake')",
        "insert into form_version (id, form_id, number, definition, content_hash, published_at)
         values ($1, $1, 1, '{\"item\": []}', '\\x01', now())",
        "insert into request (id, kind, subject_id, form_id, title, body, request_key)
         values ($1, 'form', $1, $1, 'canary', 'canary', $1)",
        "insert into form_response (id, request_id, form_version_id, subject_id, state, answers, author_client_id, acted_as, submitted_at, content_hash)
         values ($1, $1, $1, $1, 'submitted', '{\"q1\": \"canary\"}', $1, 'self', now(), '\\x01')",
        "insert into form_link (id, request_id, client_id, address, secret_hash) values ($1, $1, $1, 'canary@kin.test', '\\x07')",
        // For her mother: that it was signed stays, and whose name that was does not.
        "insert into form_response (id, form_version_id, subject_id, state, author_client_id, acted_as, submitted_at, content_hash)
         select gen_random_uuid(), $1, id, 'submitted', $1, 'linked', now(), '\\x01' from client where first_name = 'Ana'",
        "insert into form_signature (id, response_id, item, signer_client_id, signer_name, capacity, statement, name_digest, signed_hash, logged_in_by, agent)
         select gen_random_uuid(), id, 'q2', $1, 'canary', 'other', 'I agree.', sha256('x'), sha256('x'), '{password}', 'canary'
           from form_response where author_client_id = $1",
        "insert into request (id, kind, subject_id, title, state, closed_at, done_by_client, done_as, accepted_name, accepted_hash, request_key)
         select gen_random_uuid(), 'document', id, 'Rules', 'done', now(), $1, 'linked', 'canary', '\\x01', $1 from client where first_name = 'Ana'",
    ] {
        run(pool, asked, id).await;
    }
    run(
        pool,
        "insert into visit_link (id, participant_id, reader_id, secret_hash, code_hash, address)
         select $1, id, $1, '\\x04', '\\x05', 'canary@kin.test' from appointment_participant where client_id = $1 limit 1",
        id,
    )
    .await;
    run(
        pool,
        "insert into prospect_entry (id, client_id, kind, words, author_id, request_key)
         select $1, $1, 'note', 'canary', id, $1 from staff_member limit 1",
        id,
    )
    .await;
    let managed = visit(pool, parent, 4).await;
    query(
        "update appointment_participant set proxy_id = $2, payer_id = $2, assigned = 'one', assigned_to = $2
          where appointment_id = $1",
    )
    .bind(managed)
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
    run(pool, "update appointment_participant set party_id = $1 where client_id = $1", id).await;
    run(
        pool,
        "insert into message (id, kind, appointment_id, participant_id, subject_version) values ($1, 'confirmation', $1, $1, 1)",
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
         select $1, id, 'About Canary', 'q=Canary&status=active' from staff_member limit 1",
        id,
    )
    .await;
    // Of one owner, and shared, made at one time.
    for (name, shared) in [("Canary A", false), ("Canary B", true), ("Canary C", true)] {
        query("insert into client_view (id, owner_id, name, shared) select $1, id, $2, $3 from staff_member limit 1")
            .bind(db::new_id())
            .bind(name)
            .bind(shared)
            .execute(pool)
            .await
            .unwrap();
    }
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
        ("client_availability", "client_id, weekday, starts, ends", "$1, 1, 540, 720"),
        (
            "client_portal_permission",
            "client_id, permission, allowed, set_by",
            "$1, 'book', false, (select id from staff_member limit 1)",
        ),
    ] {
        run(pool, format!("insert into {table} ({columns}) values ({values})"), id).await;
    }
    // Another person's merge that moved a link of theirs.
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

#[testkit::test]
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
    let number = ClientNumber::new(
        query_scalar("select number from client where id = $1").bind(id).fetch_one(&pool).await.unwrap(),
    );
    assert_eq!(kinds(&deletion::blockers(&pool, &admin, number).await.unwrap()), [(Blocker::Members, 1)]);
    deletion::erase(&pool, &admin, number, &EraseForm { code: "canary".into() }).await.unwrap();
    assert_eq!(sightings(&pool).await, Vec::<String>::new());
    deletion::clear(&pool, &admin, number, Blocker::Members).await.unwrap();
    deletion::delete(&pool, &admin, number).await.unwrap();
    assert!(exists(&pool, member).await);
}

#[testkit::test]
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
        // A link has them on one side only, a person is no one's family, and no one is erased yet.
        let other_side = ["client_high", "group_id"].contains(&column) || table == "erased_age";
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

    query("update appointment_participant set proxy_id = (select id from client where id <> $1 limit 1) where client_id = $1")
        .bind(id)
        .execute(&pool)
        .await
        .unwrap();
    deletion::erase(&pool, &admin, number, &EraseForm { code: "CANARY".into() }).await.unwrap();
    assert_eq!(sightings(&pool).await, Vec::<String>::new());
    // Neither a family nor the person who booked for them tells who it was.
    let told: i64 = query_scalar(
        "select (select count(*) from client_membership where member_id = $1)
              + (select count(*) from visit where client_id = $1 and proxy_id is not null)",
    )
    .bind(id)
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(told, 0);

    let erased = testkit::reads::profile(&pool, &admin, number).await.unwrap();
    assert_eq!((erased.status, erased.username, erased.birth_date), (Status::Inactive, None, None));
    let range: String =
        query_scalar("select t.label from erased_age e join term t on t.id = e.age_range_id where e.client_id = $1")
            .bind(id)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!(range, "30 to 44");
    assert!(db::clients::search(&pool, &admin, "canary", 20).await.unwrap().is_empty());
    // History stays, and says nothing.
    let visits: i64 =
        query_scalar("select count(*) from visit where client_id = $1").bind(id).fetch_one(&pool).await.unwrap();
    assert_eq!(visits, 1);
    mail_all(&pool).await;
    assert_eq!(sightings(&pool).await, Vec::<String>::new());
    assert!(db::audit::verify(&mut pool.acquire().await.unwrap()).await.unwrap());
    // Another person's mail is as it was.
    let others: i64 = query_scalar("select count(*) from message_copy where address = 'ana@kin.test' and body <> ''")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(others, 1);
}

#[testkit::test]
async fn what_is_left_of_an_erased_person_stays_as_it_is(pool: PgPool) {
    let admin = admin(&pool).await;
    let (_, number) = make(&pool, &admin, "Mia").await;
    let (_, other) = make(&pool, &admin, "Leo").await;
    let before = testkit::reads::profile(&pool, &admin, number).await.unwrap();
    let form = EraseForm { code: before.code.clone() };
    deletion::erase(&pool, &admin, number, &form).await.unwrap();
    let left = testkit::reads::profile(&pool, &admin, number).await.unwrap();
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
    let hours =
        db::clients::save_availability(&pool, &admin, Some(number), &shared::practice::HoursForm::of(&[], 1)).await;
    assert_eq!(refusal(hours), Refusal::Erased);
    assert_eq!(refusal(db::clients::set_colour(&pool, &admin, number, Some(Colour::ALL[0])).await), Refusal::Erased);
    assert_eq!(refusal(db::accounts::invite(&pool, &admin, number).await), Refusal::Erased);
    assert_eq!(refusal(db::activities::start(&pool, &admin, None, Some(number)).await), Refusal::Erased);
    let group = GroupForm { kind: "family".into(), members: vec![number.to_string()], ..GroupForm::default() };
    let nobody = |field: &str| Refusal::field(field, Problem::Unknown);
    assert_eq!(refusal(db::memberships::create(&pool, &admin, group).await), nobody("members"));
    assert_eq!(testkit::reads::profile(&pool, &admin, number).await.unwrap(), left);
    deletion::delete(&pool, &admin, number).await.unwrap();
}

/// Of a file that waits to be imported the erased person's own rows go: those
/// with their code, their address or their whole name, and no one else's.
#[testkit::test]
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
        deletion::erase(&pool, &admin, ClientNumber::new(number), &EraseForm { code }).await.unwrap();
        assert_eq!(left().await, lines);
    }
}

/// A household is other people's: their rows stay, and name it no more.
#[testkit::test]
async fn erasing_takes_a_family_out_of_the_rows_that_name_it(pool: PgPool) {
    let admin = admin(&pool).await;
    let (gone, other) = (family(&pool, "CANARY").await, family(&pool, "OTHER").await);
    run(
        &pool,
        format!(
            r#"with i as (insert into import (id, staff_id, request_key, file_name, encoding, headings, looks, row_count, setup, families_found)
                      select $1, id, $1, 'new.csv', 'UTF-8', '{{}}', '[]', 2, '{{"columns": ["last_name", "family"]}}',
                             '[["Canary", "{gone}", 1], ["other", "{other}", 1]]' from staff_member limit 1)
           insert into import_row (import_id, line, cells) values
               ($1, 2, '["Lilian", " CANÁRY "]'), ($1, 3, '["Canary", "Canary Islands"]')"#
        ),
        db::new_id(),
    )
    .await;
    deletion::erase(&pool, &admin, number_of(&pool, gone).await, &EraseForm { code: "CANARY".into() }).await.unwrap();
    let rows = "select string_agg(cells::text, ' ' order by line) from import_row";
    let rows: String = query_scalar(rows).fetch_one(&pool).await.unwrap();
    assert_eq!(rows, r#"["Lilian", ""] ["Canary", "Canary Islands"]"#);
    let found: String = query_scalar("select families_found::text from import").fetch_one(&pool).await.unwrap();
    assert_eq!(found, format!(r#"[["other", "{other}", 1]]"#));
}

async fn number_of(pool: &PgPool, id: Uuid) -> ClientNumber {
    ClientNumber::new(query_scalar("select number from client where id = $1").bind(id).fetch_one(pool).await.unwrap())
}

/// Belongs since before [`session`].
async fn join(pool: &PgPool, family: Uuid, member: Uuid) {
    query("insert into client_membership (id, group_id, member_id, joined_on) values ($1, $2, $3, '2025-01-01')")
        .bind(db::new_id())
        .bind(family)
        .bind(member)
        .execute(pool)
        .await
        .unwrap();
}

/// An hour with these, as the form has it.
async fn session(pool: &PgPool, clients: &[ClientNumber], title: &str, description: &str) -> ActivityForm {
    let kind: Uuid =
        query_scalar("select id from term where vocabulary = 'activity_type' limit 1").fetch_one(pool).await.unwrap();
    ActivityForm {
        activity_type: kind.to_string(),
        date: "2025-03-03".into(),
        hours: "1:00".into(),
        title: title.into(),
        description: description.into(),
        clients: clients.iter().map(ClientNumber::to_string).collect(),
        request_key: db::new_id().to_string(),
        ..ActivityForm::default()
    }
}

async fn erase(pool: &PgPool, admin: &Actor, number: ClientNumber) {
    let code = testkit::reads::profile(pool, admin, number).await.unwrap().code;
    deletion::erase(pool, admin, number, &EraseForm { code }).await.unwrap();
}

/// Names go out of the words about hours, and forms that were left go with
/// them; what only looks like a name stays.
#[testkit::test]
async fn erasing_deletes_words_that_name_the_client(pool: PgPool) {
    let admin = admin(&pool).await;
    let al =
        ClientForm { first_name: "Al".into(), last_name: "Moreau".into(), zone: "UTC".into(), ..ClientForm::default() };
    let al = db::clients::create(&pool, &admin, al).await.unwrap();
    let (_, bo) = make(&pool, &admin, "Bo").await;
    let family = family(&pool, "FAM").await;
    join(&pool, family, al.id.0).await;
    let (al, family) = (al.number, number_of(&pool, family).await);

    let hours = [
        (vec![al, bo], "Al and Bo", "Went well", true),
        (vec![al, bo], "Individual", "Went well: MOREAU, then Bo.", true),
        (vec![al, bo], "Individual", "All of them went well", false),
        (vec![al], "Individual", "Went well", true),
        (vec![family], "Mother of Moreau", "Went well", true),
        (vec![family], "Individual", "Went well", false),
        (vec![al, bo], "Individual", "al fresco", false),
        (vec![al, bo], "Alan", "Went well", false),
    ];
    let mut saved = Vec::new();
    for (clients, title, description, _) in &hours {
        let form = session(&pool, clients, title, description).await;
        saved.push(activities::save(&pool, &admin, None, &form).await.unwrap());
    }
    let mut drafts = Vec::new();
    for (clients, title, description, goes) in [
        (vec![bo, al], "", "", true),
        // Of what others were writing about others only a whole name tells.
        (vec![bo], "With Al Moreau", "", true),
        (vec![bo], "Al called", "Moreau's mother too", false),
        (vec![bo, family], "Individual", "All of them", false),
    ] {
        let draft = Draft { form: session(&pool, &clients, title, description).await, q: "Mor".into() };
        drafts.push((activities::keep(&pool, &admin, None, &draft).await.unwrap(), goes));
    }

    erase(&pool, &admin, al).await;
    for (id, (_, title, description, goes)) in saved.iter().zip(&hours) {
        let left = activities::one(&pool, &admin, *id).await.unwrap();
        let expected = if *goes { ("", "") } else { (*title, *description) };
        assert_eq!((left.title.as_str(), left.description.as_str()), expected, "{title}: {description}");
    }
    for (key, goes) in drafts {
        let left = activities::kept(&pool, &admin, key).await.unwrap();
        assert_eq!(left.map(|draft| draft.q), (!goes).then(String::new));
    }
}

/// How many were there holds; whose family it was is told nowhere.
#[testkit::test]
async fn an_erased_member_counts_as_attendee_and_is_not_shown(pool: PgPool) {
    let admin = admin(&pool).await;
    let ((mia_id, mia), (leo_id, leo)) = (make(&pool, &admin, "Mia").await, make(&pool, &admin, "Leo").await);
    let family = family(&pool, "FAM").await;
    for member in [mia_id, leo_id] {
        join(&pool, family, member).await;
    }
    let family = number_of(&pool, family).await;
    let form = session(&pool, &[family], "", "").await;
    let id = activities::save(&pool, &admin, None, &form).await.unwrap();
    let listed = async |client| {
        let query = ActivityQuery { whose: Whose::All, client: Some(client), ..ActivityQuery::default() };
        activities::list(&pool, &admin, &query).await.unwrap().count
    };
    assert_eq!((listed(mia).await, listed(leo).await, listed(family).await), (1, 1, 1));
    erase(&pool, &admin, mia).await;
    assert_eq!((listed(mia).await, listed(leo).await, listed(family).await), (0, 1, 1));
    assert_eq!(testkit::reads::activities(&pool, &admin, mia).await.unwrap().count, 0);

    let shown = activities::chosen(&pool, &admin, &form, Some(id)).await.unwrap();
    let members: Vec<_> = shown[0].members.iter().map(|member| (member.number, member.ticked)).collect();
    assert_eq!((members, shown[0].hidden), (vec![(leo, true)], 0));
    let ticked = vec![Attendee { group: family, member: leo }.to_string()];
    let one = activities::one(&pool, &admin, id).await.unwrap();
    let again = ActivityForm {
        lists_members: true,
        members: ticked.clone(),
        attended: ticked,
        version: one.version.to_string(),
        ..form
    };
    activities::save(&pool, &admin, Some(id), &again).await.unwrap();
    let saved = activities::one(&pool, &admin, id).await.unwrap();
    assert_eq!((one.clients[0].attended, saved.clients[0].attended), (2, 2));
}

#[testkit::test]
async fn erasing_forgets_encoded_searches_and_retired_words(pool: PgPool) {
    let admin = admin(&pool).await;
    let zoe = ClientForm {
        first_name: "Zoé".into(),
        last_name: "O'Brien".into(),
        mobile: "416 555 0123".into(),
        zone: "UTC".into(),
        ..ClientForm::default()
    };
    let zoe = db::clients::create(&pool, &admin, zoe).await.unwrap();
    let searches = ["Zo%C3%A9", "O%27Brien", "bri", "Anna+zoe", "0123", "Okafor"];
    for search in searches {
        query("insert into client_view (id, owner_id, name, query) select $1, id, $2, $3 from staff_member limit 1")
            .bind(db::new_id())
            .bind(search)
            .bind(format!("status=active&q={search}"))
            .execute(&pool)
            .await
            .unwrap();
    }
    let retired =
        "insert into term (id, vocabulary, label, active) values ($1, 'pronouns', 'As Zoé O''Brien says', false)";
    query(retired).bind(db::new_id()).execute(&pool).await.unwrap();
    let removed = "insert into tag_removal (id, name, clients) values ($1, 'VIP', array[$2])";
    query(removed).bind(db::new_id()).bind(zoe.id.0).execute(&pool).await.unwrap();
    erase(&pool, &admin, zoe.number).await;
    let kept: Vec<String> =
        query_scalar("select query from client_view where query like '%q=%'").fetch_all(&pool).await.unwrap();
    assert_eq!(kept, ["status=active&q=Okafor"]);
    let terms: i64 =
        query_scalar("select count(*) from term where label like '%Brien%'").fetch_one(&pool).await.unwrap();
    let tagged: i64 = query_scalar("select sum(cardinality(clients)) from tag_removal").fetch_one(&pool).await.unwrap();
    assert_eq!((terms, tagged), (0, 0));
}
