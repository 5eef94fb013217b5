//! Two published forms, what is asked of the Okafors, a form that Ana filled in and signed, and a
//! report that is shared with her.

use crate::families::{ANA, MIA};
use crate::person::Person;
use crate::team::{PRIYA, Team};
use chrono::{DateTime, Days, Utc};
use db::forms::{answers_hash, content_hash, name_digest, signed_hash};
use db::{Result, new_id};
use shared::forms::{Capacity, Definition, Filled, ItemKind, Starter};
use sqlx::types::Json;
use sqlx::{PgConnection, query};
use uuid::Uuid;

/// What Ana answered; the rest she left out.
const ANSWERS: [(&str, &str); 9] = [
    ("What would you like us to call you?", "Ana"),
    ("What would you like help with?", "Headaches after long days at the screen, and a stiff neck."),
    ("When did it begin?", "Last autumn, after I changed jobs."),
    ("How much does it affect your daily life?", "6"),
    ("Do you take any medication, including vitamins and supplements?", "no"),
    ("Do you have any allergies?", "yes"),
    ("To what, and what happens?", "Penicillin: a rash."),
    ("Name", "Dan Okafor"),
    ("Phone", "416 555 0142"),
];
const REPORT: &str = "# What we found\n\nThe neck turns 60 degrees to the left and 75 to the right. Strength is even.\n\n\
    # What we do about it\n\n- Six sessions, once a week\n- Exercises at home, ten minutes a day\n\n\
    | Week | Goal |\n| 2 | Turns without pain |\n| 6 | A day at the desk without a headache |";

pub async fn insert(conn: &mut PgConnection, team: &Team, people: &[Person], now: DateTime<Utc>) -> Result<()> {
    let by = team.staff[PRIYA].id;
    let (ana, mia) = (&people[ANA], &people[MIA]);
    let ago = |days| now - Days::new(days);
    let intake = Starter::Adult.definition();
    let (form, version) = publish(conn, "Adult intake", &intake, by, ago(90)).await?;
    let (consent, _) = publish(conn, "Consent to telehealth", &Starter::Telehealth.definition(), by, ago(90)).await?;
    query!(
        "insert into request (id, kind, subject_id, form_id, due_on, state, requested_by, request_key, created_at, closed_at,
                done_by_client, done_as)
         values ($1, 'form', $2, $3, null, 'done', $4, $1, $5, $6, $2, 'self')",
        new_id(),
        ana.id,
        form,
        by,
        ago(28),
        ago(21)
    )
    .execute(&mut *conn)
    .await?;
    fill_in(conn, &intake, version, ana, ago(21)).await?;
    query!(
        "insert into request (id, kind, subject_id, form_id, requested_by, request_key, created_at)
         values ($1, 'form', $2, $3, $4, $1, $5)",
        new_id(),
        mia.id,
        consent,
        by,
        ago(2)
    )
    .execute(&mut *conn)
    .await?;
    let document = new_id();
    query!(
        "insert into document (id, client_id, state, author_id, created_at, shared_at) values ($1, $2, 'shared', $3, $4, $4)",
        document,
        ana.id,
        by,
        ago(7)
    )
    .execute(&mut *conn)
    .await?;
    query!(
        "insert into document_version (document_id, number, title, body, written_by, written_at, was_shared)
         values ($1, 1, 'First assessment', $2, $3, $4, true)",
        document,
        REPORT,
        by,
        ago(7)
    )
    .execute(conn)
    .await?;
    Ok(())
}

async fn publish(
    conn: &mut PgConnection,
    name: &str,
    definition: &Definition,
    by: Uuid,
    at: DateTime<Utc>,
) -> Result<(Uuid, Uuid)> {
    let (form, version) = (new_id(), new_id());
    query!("insert into form (id, name, created_at) values ($1, $2, $3)", form, name, at).execute(&mut *conn).await?;
    query!(
        "insert into form_version (id, form_id, number, definition, content_hash, published_at, published_by)
         values ($1, $2, 1, $3, $4, $5, $6)",
        version,
        form,
        Json(definition) as _,
        content_hash(definition)?,
        at,
        by
    )
    .execute(conn)
    .await?;
    Ok((form, version))
}

/// As someone fills it in about themself and signs it.
async fn fill_in(
    conn: &mut PgConnection,
    definition: &Definition,
    version: Uuid,
    person: &Person,
    at: DateTime<Utc>,
) -> Result<()> {
    let mut filled = Filled::default();
    for item in &definition.items {
        let given = ANSWERS.iter().find(|(question, _)| *question == item.text).map(|(_, answer)| *answer);
        let given = match item.kind {
            ItemKind::Signature => Some("Ana Okafor"),
            _ if item.text.starts_with("Relationship") => Some("Husband"),
            _ => given,
        };
        if let Some(answer) = given {
            filled.text.insert(item.link_id.clone(), answer.to_owned());
            filled.other.insert(item.link_id.clone(), Capacity::Myself.as_str().to_owned());
        }
    }
    let mut answers = definition.parse(&filled, Capacity::offered(true))?;
    let signatures = definition.take_signatures(&mut answers);
    let (response, seal) = (new_id(), content_hash(definition)?);
    query!(
        "insert into form_response (id, request_id, form_version_id, subject_id, state, answers, author_client_id, acted_as,
                started_at, saved_at, submitted_at, content_hash)
         select $1, r.id, $2, $3, 'submitted', $4, $3, 'self', $5, $5, $5, $6
           from request r where r.subject_id = $3 and r.state = 'done'",
        response,
        version,
        person.id,
        Json(&answers) as _,
        at,
        answers_hash(&seal, &answers)?
    )
    .execute(&mut *conn)
    .await?;
    for (item, answer) in signatures {
        let name = answer.values.first().map(String::as_str).unwrap_or_default();
        let digest = name_digest(name);
        query!(
            "insert into form_signature (id, response_id, item, signer_client_id, signer_name, capacity, statement, name_digest,
                    signed_hash, logged_in_by, agent, signed_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, '{password}', 'Firefox', $10)",
            new_id(),
            response,
            item.link_id,
            person.id,
            name,
            answer.other,
            item.text,
            digest,
            signed_hash(&seal, &answers, &item.text, &digest, &answer.other)?,
            at
        )
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}
