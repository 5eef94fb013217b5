//! Erasing: the person is blanked in place. What stays says that someone of
//! some age, gender, language and so on was here, so that reports of the past hold
//! (but for tags, which may be anything); appointments and money keep a row to
//! refer to, and it is no one's.
//!
//! The database looks for the person's names in titles, descriptions and drafts of others. A
//! test looks for canaries in every column of every table.

use super::references::{OnErase, REFERENCES};
use super::{count_blockers, lock, searches};
use crate::{Actor, Result, appointments, audit, authz};
use rand::seq::IndexedRandom;
use shared::deletion::{Blocker, EraseForm};
use shared::{ClientId, ClientNumber, Refusal};
use sqlx::{AssertSqlSafe, PgConnection, PgPool};

/// What new codes are made of; nothing that looks like something else.
const LETTERS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// One try in a few hundred million finds its code taken.
const CODE_TRIES: usize = 10;

/// Erases a client, confirmed by their code. Upcoming appointments are to be
/// cancelled before: [`Refusal::InUse`]. It cannot be undone. Administrators
/// only.
pub async fn erase(pool: &PgPool, actor: &Actor, number: ClientNumber, form: &EraseForm) -> Result<()> {
    let mut tx = pool.begin().await?;
    let client = authz::administrable(&mut tx, actor, number).await?.id();
    actor.administrator()?;
    actor.confirmed()?;
    // Bookings before links, links before clients, as everywhere.
    appointments::lock(&mut tx, &[client.0]).await?;
    sqlx::query_scalar!("select 1 from client_link where client_low = $1 or client_high = $1 for update", client.0)
        .fetch_all(&mut *tx)
        .await?;
    lock(&mut tx, client).await?;
    let code = sqlx::query_scalar!(r#"select code::text as "code!" from client where id = $1"#, client.0)
        .fetch_one(&mut *tx)
        .await?;
    form.check(&code)?;
    if count_blockers(&mut tx, client).await?.iter().any(|blocker| blocker.what == Blocker::Upcoming) {
        return Err(Refusal::InUse.into());
    }
    blank_mail(&mut tx, client).await?;
    // The person who booked for them tells who they were.
    sqlx::query!(
        "update appointment_participant
            set proxy_id = null, payer_id = null, assigned_to = null,
                assigned = case assigned when 'one' then 'everyone' else assigned end
          where client_id = $1",
        client.0
    )
    .execute(&mut *tx)
    .await?;
    blank_notes(&mut tx, client).await?;
    blank_fields(&mut tx, client).await?;
    blank_activities(&mut tx, client).await?;
    blank_signatures(&mut tx, client).await?;
    forget_waiting(&mut tx, client).await?;
    forget_retired_words(&mut tx, client).await?;
    forget_journals(&mut tx, client).await?;
    for reference in REFERENCES.iter().filter(|reference| reference.erase == OnErase::Goes) {
        sqlx::query(AssertSqlSafe(format!("delete from {} where {} = $1", reference.table, reference.column)))
            .bind(client.0)
            .execute(&mut *tx)
            .await?;
    }
    keep_ages(&mut tx, client).await?;
    blank(&mut tx, client).await?;
    audit::append(&mut tx, actor, "erase", "client", client, &[]).await?;
    tx.commit().await?;
    Ok(())
}

/// The date of birth goes; the age range in which they were at each activity is
/// kept.
async fn keep_ages(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!(
        "insert into erased_age (client_id, activity_id, age_range_id)
         select c.id, a.id, age_range_on(c.birth_date, a.held_on)
           from client c, activity a
          where c.id = $1 and age_range_on(c.birth_date, a.held_on) is not null
            and a.id in (select activity_id from activity_client where client_id = $1
                         union select activity_id from activity_attendee where member_id = $1)",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The row itself. An age range was recorded with them only where no date of
/// birth was.
async fn blank(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    let code = free_code(conn).await?;
    sqlx::query!(
        "update client c
            set code = $2::text::citext, status = 'inactive', first_name = '', last_name = '', preferred_name = '',
                group_name = '', zone = (select zone from practice), email = null, email_consent = false, sms_consent = false, mobile = null,
                mobile_is_primary = false, voice_consent = false, salutation_id = null,
                -- Words of a list are counted in reports; own words go, as does what is offered no more and nobody else has.
                pronouns = coalesce((select label from term t where vocabulary = 'pronouns' and label = c.pronouns
                                        and (t.active or exists (select from client o where o.pronouns = c.pronouns and o.id <> c.id))), ''),
                sex_at_birth = coalesce((select label from term t where vocabulary = 'sex_at_birth' and label = c.sex_at_birth
                                        and (t.active or exists (select from client o where o.sex_at_birth = c.sex_at_birth and o.id <> c.id))), ''),
                address = '', address_unit = '', alert = '', notes = '', request_key = null,
                age_range_id = case when c.birth_date is null then c.age_range_id end,
                birth_date = null, referring_provider_id = null, qualified = null, veteran_id = '',
                card_province = '', card_number = '', card_version = '', card_expires = null,
                fee_programme_id = null, fee_programme_number = '', province = '', billing_authorisation = '',
                case_number = '', sessions_needed = null, billing_notes = '', prospect_stage = 'new',
                last_contact = null, next_step = '', next_step_on = null,
                erased_at = now(), version = version + 1, updated_at = now()
          where c.id = $1",
        client.0,
        code
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Mail to the client is no one's; of mail about them to others the text goes.
/// What still waits is not sent.
async fn blank_mail(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!(
        "update message_copy y
            set address = case when y.client_id = $1 then y.id::text::citext else y.address end,
                subject = '', body = '', error = '', unsubscribe = null, reference = null, withheld = null,
                state = case when y.state = 'queued' then 'withdrawn' else y.state end
          where y.client_id = $1 or y.about_id = $1
             or y.message_id in (select m.id from message m join appointment_participant p on p.id = m.participant_id
                                  where p.client_id = $1)
             -- One mail to a family told of them too.
             or y.id in (select j.joined_to from message_copy j
                           join message m on m.id = j.message_id join appointment_participant p on p.id = m.participant_id
                          where p.client_id = $1)
             -- And that of a day to their practitioner.
             or y.message_id in (select m.id from appointment_participant p join appointment a on a.id = p.appointment_id
                                   join message m on m.staff_id = a.practitioner_id and m.kind = 'day_ahead'
                                    and m.about_on between a.starts_local::date - 1 and a.starts_local::date + 1
                                  where p.client_id = $1)",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update message set state = 'done', secret = null, finished_at = now()
          where state = 'queued' and participant_id in (select id from appointment_participant where client_id = $1)",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What staff wrote about their appointments.
async fn blank_notes(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!(
        "update appointment a set staff_note = '', cancel_reason = '', overbook_reason = ''
          where a.id in (select appointment_id from appointment_participant where $1 in (client_id, party_id))",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What was noted of the client goes; the choices and ticks that reports count
/// stay.
async fn blank_fields(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!(
        "delete from client_field_value v using client_field f
          where v.client_id = $1 and f.id = v.field_id
            and not (f.in_reports and (v.choice_id is not null or v.ticked is not null))",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// The words about hours that were the client's alone go, and so do words that
/// name them; the hours stay. A form that was left with them goes.
async fn blank_activities(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!(
        "update activity a set title = '', description = '', version = a.version + 1, updated_at = now()
           from client e
          where e.id = $1
            and (exists (select from activity_client c where c.activity_id = a.id and c.client_id = $1)
                 and not exists (select from activity_client c where c.activity_id = a.id and c.client_id <> $1)
                 or (a.id in (select activity_id from activity_client where client_id = $1)
                     or a.id in (select activity_id from activity_attendee where member_id = $1))
                    and text_mentions_client(e, a.title || ' ' || a.description))",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "delete from activity_draft d using client e
          where e.id = $1
            and (exists (select from jsonb_array_elements_text(d.form -> 'clients') x (chosen) where x.chosen = e.number::text)
                 or exists (select from jsonb_array_elements_text(d.form -> 'members') x (member)
                             where e.number::text in (split_part(x.member, '-', 1), split_part(x.member, '-', 2)))
                 or client_is_named_in(e, (d.form ->> 'title') || ' ' || (d.form ->> 'description')))",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!("update activity_draft set q = '' where q <> ''").execute(conn).await?;
    Ok(())
}

/// What they signed for others stays signed, without their name; what they began goes.
async fn blank_signatures(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query_scalar!("select set_config('kindred.erasing', 'on', true)").fetch_one(&mut *conn).await?;
    sqlx::query!("update form_signature set signer_name = '', agent = '' where signer_client_id = $1", client.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!("delete from form_response where author_client_id = $1 and state = 'draft'", client.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "update request set accepted_name = '' where done_by_client = $1 and accepted_name is not null",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What waits under the person's own words: a registration not finished, rows
/// of a file that is being imported, lists that were searched for them.
async fn forget_waiting(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!("delete from registration r using client c where c.id = $1 and r.email = c.email", client.0)
        .execute(&mut *conn)
        .await?;
    // Of a name that is in a row, whole cells tell whether it is this one. Others' rows stay.
    sqlx::query!(
        r"with gone as (
             delete from import_row r using client c
              where c.id = $1
                and (r.code = c.code
                     or c.card_number <> '' and r.same_card = c.card_province || ' ' || c.card_number
                     or c.email is not null and r.cells::text ilike '%' || c.email::text || '%'
                        and exists (select from json_array_elements_text(r.cells) cell where lower(trim(cell)) = lower(c.email::text))
                     or c.first_name <> '' and c.last_name <> ''
                        and searchable(r.cells::text) like '%' || searchable(c.last_name) || '%'
                        and (select array[searchable(c.first_name), searchable(c.last_name)] <@ cells
                                 or array[searchable(c.first_name || ' ' || c.last_name), searchable(c.last_name || ' ' || c.first_name),
                                          searchable(c.last_name || ', ' || c.first_name)] && cells
                               from (select array_agg(searchable(regexp_replace(trim(cell), '\s+', ' ', 'g'))) as cells
                                       from json_array_elements_text(r.cells) cell) folded))
              returning r.import_id)
         update import i set row_count = i.row_count - g.rows
           from (select import_id, count(*)::int as rows from gone group by import_id) g
          where i.id = g.import_id",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    // A household is other people's: their rows stay, and say no more that it was this one.
    sqlx::query!(
        "update import i
            set families_found = (select coalesce(jsonb_agg(found), '[]') from jsonb_array_elements(i.families_found) found
                                   where found ->> 1 <> $1::uuid::text)
          where i.families_found <> '[]' and i.families_found::text like '%' || $1::uuid::text || '%'",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    // In the columns of households alone: elsewhere its name is someone's own.
    sqlx::query!(
        r"update import_row r
             set cells = (select json_agg(case when said.is_this then '' else said.cell end order by said.place)
                            from (select cell, place,
                                         i.setup -> 'columns' ->> place::int - 1 in ('family', 'group_name')
                                     and searchable(regexp_replace(trim(cell), '\s+', ' ', 'g'))
                                         in (searchable(c.group_name), searchable(c.code::text)) as is_this
                                    from json_array_elements_text(r.cells) with ordinality as one (cell, place)) said)
            from client c, import i
           where c.id = $1 and c.kind <> 'individual' and i.id = r.import_id and i.setup is not null
             and (c.group_name <> '' and searchable(r.cells::text) like '%' || searchable(c.group_name) || '%'
                  or searchable(r.cells::text) like '%' || searchable(c.code::text) || '%')",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    // What someone called a list that they keep.
    sqlx::query!(
        "update client_view v set name = 'Saved view ' || right(v.id::text, 12) from client c
          where c.id = $1 and text_mentions_client(c, v.name)",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    searches::forget(conn, client).await
}

/// Words that are offered to no one any more, and tags that can still be put
/// back. A label that names the client is no one's words now; anyone else who has it
/// keeps the row.
async fn forget_retired_words(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    sqlx::query!("update tag_removal set clients = array_remove(clients, $1) where $1 = any (clients)", client.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query!(
        "delete from tag_removal r using client c where c.id = $1 and client_is_named_in(c, r.name::text)",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update term t set label = 'Retired ' || right(t.id::text, 12), version = t.version + 1 from client c
          where c.id = $1 and not t.active and client_is_named_in(c, t.label)",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update client_field_choice h set label = 'Retired ' || right(h.id::text, 12) from client c
          where c.id = $1 and not h.active and client_is_named_in(c, h.label)",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update client_field f set label = 'Retired ' || right(f.id::text, 12), version = f.version + 1 from client c
          where c.id = $1 and not f.active and client_is_named_in(c, f.label)",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A merge of others may have moved something of the client's as well: it can
/// no longer be undone.
async fn forget_journals(conn: &mut PgConnection, client: ClientId) -> Result<()> {
    // Deleted before a merge it has the id that was given up.
    sqlx::query!(
        "delete from activity_removal r
          using (select $1::uuid as id union all select dropped_id from client_merge where kept_id = $1) was
          where r.record::text like '%' || was.id::text || '%'",
        client.0
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update client_merge set journal = null where journal::text like '%' || $1::uuid::text || '%'",
        client.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn free_code(conn: &mut PgConnection) -> Result<String> {
    for _ in 0..CODE_TRIES {
        let code = random_code();
        let taken = sqlx::query_scalar!(
            r#"select exists (select from client where code = $1::text::citext) as "taken!""#,
            code
        )
        .fetch_one(&mut *conn)
        .await?;
        if !taken {
            return Ok(code);
        }
    }
    Err(Refusal::Internal.into())
}

fn random_code() -> String {
    let mut rng = rand::rng();
    let letters = (0..5).filter_map(|_| LETTERS.choose(&mut rng)).map(|letter| char::from(*letter));
    std::iter::once('X').chain(letters).collect()
}
