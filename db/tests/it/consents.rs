//! The log of consents: each change of one is a line, and the record is what the newest
//! line about its present address says.

use db::clients::{create, profile, update};
use db::consents::{Consent, of_client, own, record};
use db::{Actor, PgPool, audit::By, authz};
use shared::accounts::Role;
use shared::clients::ClientForm;
use shared::consents::{Channel, ConsentSource};
use shared::{ClientId, ClientNumber, Refusal};
use sqlx::{query, query_as, query_scalar};
use testkit::{Dice, client_actor, refusal, rounds, seed, staff_actor};

/// Channel, given, source, kind of actor and words, the oldest first.
type Line = (String, bool, String, String, String);

async fn lines(pool: &PgPool, client: ClientId) -> Vec<Line> {
    query_as("select channel, given, source, actor_kind, words from consent_event where client_id = $1 order by id")
        .bind(client.0)
        .fetch_all(pool)
        .await
        .unwrap()
}

fn line(channel: &str, given: bool, source: &str, kind: &str, words: &str) -> Line {
    (channel.into(), given, source.into(), kind.into(), words.into())
}

/// Clients whose record is not what the newest line about the present address says.
async fn wrong(pool: &PgPool) -> Vec<String> {
    query_scalar(
        "select c.first_name || ': ' || n.channel
           from client c cross join client_consents(c) n
           left join lateral (select e.given from consent_event e
                               where e.client_id = c.id and e.channel = n.channel
                                 and e.address_digest is not distinct from n.digest
                               order by e.id desc limit 1) last on true
          where c.erased_at is null and coalesce(last.given, false) <> n.given",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

fn form(first: &str) -> ClientForm {
    ClientForm {
        first_name: first.into(),
        last_name: "Okafor".into(),
        zone: "America/Toronto".into(),
        ..ClientForm::default()
    }
}

async fn stored(pool: &PgPool, actor: &Actor, number: ClientNumber) -> ClientForm {
    let mut conn = pool.acquire().await.unwrap();
    let client = authz::readable(&mut conn, actor, number).await.unwrap();
    profile(&mut conn, actor, &client).await.unwrap().form()
}

#[testkit::test]
async fn what_the_desk_notes_is_logged_with_who_and_the_words(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let typed = ClientForm { email: "mia@kin.test".into(), email_consent: true, voice_consent: true, ..form("Mia") };
    let mia = create(&pool, &desk, typed).await.unwrap();
    let given = |channel, words| line(channel, true, "desk", "staff", words);
    assert_eq!(lines(&pool, mia.id).await, [given("email", "Send email"), given("voice", "Make phone calls")]);
    let by: Option<uuid::Uuid> =
        query_scalar("select actor_id from consent_event where channel = 'email'").fetch_one(&pool).await.unwrap();
    assert_eq!(by, Some(desk.id()));

    // What does not touch a consent logs nothing.
    let mut form = stored(&pool, &desk, mia.number).await;
    form.alert = "Nuts".into();
    update(&pool, &desk, mia.number, form).await.unwrap();
    assert_eq!(lines(&pool, mia.id).await.len(), 2);

    let mut form = stored(&pool, &desk, mia.number).await;
    form.voice_consent = false;
    update(&pool, &desk, mia.number, form).await.unwrap();
    assert_eq!(lines(&pool, mia.id).await[2], line("voice", false, "desk", "staff", "Make phone calls"));
}

#[testkit::test]
async fn a_new_address_closes_the_consent_of_the_old_one(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let typed = ClientForm { email: "mia@kin.test".into(), email_consent: true, ..form("Mia") };
    let mia = create(&pool, &desk, typed).await.unwrap();
    let mut form = stored(&pool, &desk, mia.number).await;
    form.email = "mia@new.test".into();
    update(&pool, &desk, mia.number, form).await.unwrap();
    assert_eq!(
        lines(&pool, mia.id).await[1..],
        [
            line("email", false, "address_changed", "staff", "Send email"),
            line("email", true, "desk", "staff", "Send email")
        ]
    );
    let mut conn = pool.acquire().await.unwrap();
    let readable = authz::readable(&mut conn, &desk, mia.number).await.unwrap();
    let shown: Vec<_> = of_client(&mut conn, &readable)
        .await
        .unwrap()
        .into_iter()
        .map(|line| (line.given, line.current, line.by))
        .collect();
    let dana = "Dana Test".to_owned();
    assert_eq!(shown, [(true, true, dana.clone()), (false, false, dana.clone()), (true, false, dana)]);

    // The same mailbox in other letters is no other address.
    let mut form = stored(&pool, &desk, mia.number).await;
    form.email = "Mia@New.test".into();
    update(&pool, &desk, mia.number, form).await.unwrap();
    assert_eq!(lines(&pool, mia.id).await.len(), 3);
}

#[testkit::test]
async fn one_consent_is_given_and_withdrawn_by_the_client(pool: PgPool) {
    let mia = client_actor(&pool, "Mia").await;
    let id = mia.client().unwrap().id();
    let say = |channel, given, source| Consent { channel, given, source, words: "Text me" };
    let mut conn = pool.begin().await.unwrap();
    // Without a number there is nothing to give.
    let sms = say(Channel::Sms, true, ConsentSource::Portal);
    assert!(!record(&mut conn, &mia, id, sms).await.unwrap());
    query("update client set mobile = '+14165550100' where id = $1").bind(id.0).execute(&mut *conn).await.unwrap();
    assert!(record(&mut conn, &mia, id, sms).await.unwrap());
    assert!(record(&mut conn, By::Link(id.0), id, say(Channel::Sms, false, ConsentSource::Stop)).await.unwrap());
    // Said once more.
    assert!(record(&mut conn, By::Link(id.0), id, say(Channel::Sms, false, ConsentSource::Stop)).await.unwrap());
    conn.commit().await.unwrap();
    assert_eq!(
        lines(&pool, id).await,
        [
            line("sms", true, "portal", "client", "Text me"),
            line("sms", false, "stop_reply", "link", "Text me"),
            line("sms", false, "stop_reply", "link", "Text me"),
        ]
    );
    let shown = own(&pool, &mia).await.unwrap();
    assert_eq!((shown.len(), shown[0].source, shown[0].given), (3, ConsentSource::Stop, false));
    let noor = client_actor(&pool, "Noor").await;
    assert_eq!(own(&pool, &noor).await.unwrap(), []);
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    assert_eq!(refusal(own(&pool, &desk).await), Refusal::NotFound);
}

#[testkit::test]
async fn the_log_is_append_only(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    create(&pool, &desk, ClientForm { voice_consent: true, ..form("Mia") }).await.unwrap();
    for change in ["given = false", "at = now()", "words = 'x'", "source = 'portal'"] {
        let changed = query(sqlx::AssertSqlSafe(format!("update consent_event set {change}"))).execute(&pool).await;
        assert!(changed.unwrap_err().to_string().contains("stays as it is"), "{change}");
    }
}

#[testkit::test]
async fn code_only_mode_keeps_no_digest_of_an_address(pool: PgPool) {
    let admin = staff_actor(&pool, "Ada", &[Role::Administrator]).await;
    let typed = ClientForm { email: "mia@kin.test".into(), email_consent: true, ..form("Mia") };
    create(&pool, &admin, typed).await.unwrap();
    let on = shared::practice::CodeOnlyForm { on: true, remove: true };
    db::practice::set_code_only(&pool, &admin, &on).await.unwrap();
    let left: i64 = query_scalar("select count(*) from consent_event").fetch_one(&pool).await.unwrap();
    assert_eq!(left, 0);
}

/// Whatever statements change records, in whatever order.
#[testkit::test]
async fn the_record_is_what_the_newest_line_about_its_address_says(pool: PgPool) {
    let mut dice = Dice::new(seed());
    let mut clients = Vec::new();
    for first in ["Mia", "Leo", "Noor"] {
        clients.push(client_actor(&pool, first).await.client().unwrap().id());
    }
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    for _ in 0..rounds(60, 5_000) {
        let id = clients[dice.roll(3)];
        let on = dice.coin();
        match dice.roll(4) {
            0 => {
                let email = ["a@kin.test", "b@kin.test", "A@kin.test"].get(dice.roll(4)).copied();
                query("update client set email = $2::text::citext, email_consent = $3 where id = $1")
                    .bind(id.0)
                    .bind(email)
                    .bind(on)
                    .execute(&pool)
                    .await
                    .unwrap();
            }
            1 => {
                let mobile = ["416 555 0100", "+14165550101"].get(dice.roll(3)).copied();
                query("update client set mobile = $2, sms_consent = $3 and $2 is not null, voice_consent = $3 where id = $1")
                    .bind(id.0)
                    .bind(mobile)
                    .bind(on)
                    .execute(&pool)
                    .await
                    .unwrap();
            }
            2 => {
                let channel = Channel::ALL[dice.roll(3)];
                let said = Consent { channel, given: on, source: ConsentSource::Form, words: "" };
                record(&mut pool.acquire().await.unwrap(), &desk, id, said).await.unwrap();
            }
            _ => {
                let number: Vec<i64> = query_scalar("select number from client where id = any ($1) order by number")
                    .bind(clients[..2].iter().map(|id| id.0).collect::<Vec<_>>())
                    .fetch_all(&pool)
                    .await
                    .unwrap();
                let versions: Vec<i32> = query_scalar("select version from client where id = any ($1) order by number")
                    .bind(clients[..2].iter().map(|id| id.0).collect::<Vec<_>>())
                    .fetch_all(&pool)
                    .await
                    .unwrap();
                let choices = [("email", "drop"), ("mobile", "keep")];
                let choices = choices.map(|(name, word)| (name.to_owned(), word.to_owned())).into_iter().collect();
                let form = shared::merge::MergeForm {
                    choices,
                    keep_version: versions[0].to_string(),
                    drop_version: versions[1].to_string(),
                    ..Default::default()
                };
                let (keep, drop) = (ClientNumber::new(number[0]), ClientNumber::new(number[1]));
                let merged = db::merge::merge(&pool, &desk, keep, drop, &form).await.unwrap();
                assert_eq!(wrong(&pool).await, [""; 0], "merged");
                db::merge::undo(&pool, &desk, keep, merged).await.unwrap();
            }
        }
        assert_eq!(wrong(&pool).await, [""; 0]);
    }
}

#[testkit::test]
async fn what_the_desk_noted_is_not_confirmed_until_the_client_says_so(pool: PgPool) {
    let desk = staff_actor(&pool, "Dana", &[Role::FrontDesk]).await;
    let form = shared::clients::ClientForm {
        first_name: "Mia".into(),
        last_name: "Okafor".into(),
        zone: "America/Toronto".into(),
        email: "mia@kin.test".into(),
        email_consent: true,
        ..Default::default()
    };
    let made = db::clients::create(&pool, &desk, form).await.unwrap();
    let unconfirmed = async || {
        let mut conn = pool.acquire().await.unwrap();
        let client = db::authz::readable(&mut conn, &desk, made.number).await.unwrap();
        db::consents::unconfirmed(&mut conn, &client).await.unwrap()
    };
    assert_eq!(unconfirmed().await, [Channel::Email]);
    let me = db::actor::ClientActor::new(made.id, "Mia");
    let asked = db::portal::todo(&pool, &me).await.unwrap();
    assert!(asked.iter().any(|item| item.kind == shared::portal::TodoKind::Consents), "the first visit asks");
    let own = db::Actor::Client(me.clone());
    let version = db::clients::own(&pool, &own).await.unwrap().version.to_string();
    let keep = shared::clients::own::OwnConsentsForm { email: true, sms: false, voice: false, version };
    db::clients::save_own_consents(&pool, &own, &keep).await.unwrap();
    assert!(unconfirmed().await.is_empty());
    let asked = db::portal::todo(&pool, &me).await.unwrap();
    assert!(asked.iter().all(|item| item.kind != shared::portal::TodoKind::Consents));
}
