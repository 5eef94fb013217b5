//! From a queued message to the mail server, and what is left of it.

use crate::support::sealer;
use base64::prelude::{BASE64_STANDARD, Engine};
use db::PgPool;
use server::{health::Health, jobs, mail::Mailer};
use sqlx::{query, query_as};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

/// How a mail server on this machine behaves.
#[derive(Clone, Copy, Default)]
pub struct Behavior {
    /// Whether it takes letters beyond ASCII in addresses.
    pub smtp_utf8: bool,
    /// The number of mails that are refused temporarily at first.
    pub busy: u32,
}

pub struct Server {
    pub url: String,
    /// Mails as they came, their envelope's recipient on the first line.
    pub mails: mpsc::UnboundedReceiver<String>,
    /// Every RCPT command.
    asked: Arc<Mutex<Vec<String>>>,
}

/// Several conversations at a time. An address that begins with `slow` gets no
/// answer, one with `gone` a permanent refusal.
pub async fn mail_server(behavior: Behavior) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let (told, mails) = mpsc::unbounded_channel();
    let (busy, asked) = (Arc::new(Mutex::new(behavior.busy)), Arc::default());
    let server = Server { url, mails, asked: Arc::clone(&asked) };
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (told, busy, asked) = (told.clone(), Arc::clone(&busy), Arc::clone(&asked));
            tokio::spawn(async move {
                let _ = talk(stream, behavior, &busy, &asked, &told).await;
            });
        }
    });
    server
}

async fn talk(
    stream: TcpStream,
    behavior: Behavior,
    busy: &Mutex<u32>,
    asked: &Mutex<Vec<String>>,
    told: &mpsc::UnboundedSender<String>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 test\r\n").await?;
    let (mut line, mut to) = (String::new(), String::new());
    while stream.read_line(&mut line).await? > 0 {
        let is_busy = || {
            let mut left = busy.lock().unwrap();
            let is_busy = *left > 0;
            *left = left.saturating_sub(1);
            is_busy
        };
        let answer: &[u8] = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" if behavior.smtp_utf8 => b"250-test\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n",
            "MAIL" if is_busy() => b"451 busy\r\n",
            "RCPT" => {
                asked.lock().unwrap().push(line.trim().to_owned());
                to = line.trim().to_owned();
                if line.contains("<slow") {
                    std::future::pending::<()>().await;
                }
                if line.contains("<gone") { b"550 no such mailbox here\r\n" } else { b"250 ok\r\n" }
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let mut mail = format!("{to}\r\n");
                while !mail.ends_with("\r\n.\r\n") {
                    stream.read_line(&mut mail).await?;
                }
                told.send(mail).unwrap();
                b"250 ok\r\n"
            }
            "QUIT" => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
        line.clear();
    }
    Ok(())
}

pub fn mailer(server: &Server, from: &str) -> Option<Mailer> {
    Mailer::new(Some(&server.url), Some(from)).unwrap()
}

/// A client with a welcome e-mail on its way.
async fn invited(pool: &PgPool) {
    invite(pool, "MO", "mia@example.com").await;
}

async fn invite(pool: &PgPool, code: &str, address: &str) {
    let (client, link) = (db::new_id(), db::new_id());
    for (sql, id) in [
        (
            "insert into client (id, kind, code, first_name, zone, email) values ($1, 'individual', $2, 'Mia', 'UTC', $3)",
            client,
        ),
        (
            "insert into account_link (id, kind, secret_hash, client_id, expires_at) select $1, 'claim', convert_to($2, 'UTF8'), id, now() + interval '1 hour' from client where email = $3",
            link,
        ),
        (
            "insert into message (id, kind, client_id, link_id, secret) select $1, 'welcome', l.client_id, l.id, 's3cret'
               from account_link l join client c on c.id = l.client_id where c.code = $2 and c.email = $3",
            db::new_id(),
        ),
    ] {
        query(sql).bind(id).bind(code).bind(address).execute(pool).await.unwrap();
    }
}

async fn copy(pool: &PgPool) -> (String, String) {
    query_as("select state, body from message_copy").fetch_one(pool).await.unwrap()
}

/// The jobs of one server until `done` has happened.
async fn work_until<T>(pool: &PgPool, mailer: Option<Mailer>, done: impl Future<Output = T>) -> T {
    let (stop, stopped) = watch::channel(false);
    let jobs = jobs::start(pool, "https://k.test", mailer, std::sync::Arc::new(sealer()), Health::default(), stopped);
    let result = tokio::time::timeout(Duration::from_secs(20), done).await.unwrap();
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), jobs.ended()).await.unwrap();
    result
}

#[testkit::test]
async fn a_mail_leaves_once_and_its_link_is_forgotten(pool: PgPool) {
    invited(&pool).await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "Elm Clinic <mail@elm.test>");
    let mail = work_until(&pool, mailer.clone(), server.mails.recv()).await.unwrap();
    let (state, body) = copy(&pool).await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from message_copy").fetch_one(&pool).await.unwrap();
    for header in [
        format!("Message-ID: <{id}@elm.test>\r\n"),
        "To: mia@example.com\r\n".to_owned(),
        "Subject: Welcome to My practice\r\n".to_owned(),
        "Auto-Submitted: auto-generated\r\n".to_owned(),
    ] {
        assert!(mail.contains(&header), "{header} in {mail}");
    }
    assert!(mail.contains("text/plain") && mail.contains("text/html"));
    assert!(mail.replace("=\r\n", "").contains("https://k.test/claim/s3cret"), "{mail}");
    assert_eq!(state, "sent");
    assert!(body.contains("(link removed after sending)") && !body.contains("s3cret"));
    work_until(&pool, mailer, tokio::time::sleep(Duration::from_millis(300))).await;
    assert!(server.mails.try_recv().is_err(), "sent twice");
}

/// What became of the mail to an address, once it is not simply waiting.
async fn outcome(pool: &PgPool, address: &str) -> (String, String, i32) {
    loop {
        let row = query_as::<_, (String, String, i32)>(
            "select state, error, attempts from message_copy where address = $1 and (state <> 'queued' or error <> '')",
        )
        .bind(address)
        .fetch_optional(pool)
        .await
        .unwrap();
        if let Some(row) = row {
            return row;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// 451, and a moment later it is accepted, under the same Message-ID.
#[testkit::test]
async fn a_busy_mail_server_is_tried_again_within_seconds(pool: PgPool) {
    invited(&pool).await;
    let mut server = mail_server(Behavior { busy: 1, ..Behavior::default() }).await;
    let mailer = mailer(&server, "mail@elm.test");
    let failed = work_until(&pool, mailer.clone(), outcome(&pool, "mia@example.com")).await;
    assert_eq!((failed.0.as_str(), failed.2), ("queued", 1), "{failed:?}");
    assert!(failed.1.contains("busy"), "{failed:?}");
    let began = Instant::now();
    work_until(&pool, mailer, server.mails.recv()).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(copy(&pool).await.0, "sent");
}

#[testkit::test]
async fn a_permanent_refusal_fails_at_the_first_try_and_says_why(pool: PgPool) {
    invite(&pool, "GO", "gone@example.com").await;
    let server = mail_server(Behavior::default()).await;
    let (state, error, attempts) =
        work_until(&pool, mailer(&server, "mail@elm.test"), outcome(&pool, "gone@example.com")).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert!(error.contains("550") && error.contains("no such mailbox here"), "{error}");
}

/// A server that never answers for one address holds up no one else.
#[testkit::test]
async fn a_slow_mail_server_holds_up_its_own_mail_alone(pool: PgPool) {
    for (code, address) in
        [("A", "slow.a@example.com"), ("B", "slow.b@example.com"), ("C", "ana@example.com"), ("D", "ben@example.com")]
    {
        invite(&pool, code, address).await;
    }
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "mail@elm.test").map(|mailer| mailer.limited(Duration::from_secs(3)));
    let began = Instant::now();
    let all = async {
        for _ in 0..2 {
            server.mails.recv().await.unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
        outcome(&pool, "slow.a@example.com").await
    };
    let (state, error, _) = work_until(&pool, mailer, all).await;
    assert_eq!((state.as_str(), error.as_str()), ("queued", "The mail server took too long."));
}

#[testkit::test]
async fn an_international_domain_is_reached_by_punycode(pool: PgPool) {
    invite(&pool, "MO", "mail@bücher.example").await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "Elm <mail@ülm.test>");
    let mail = work_until(&pool, mailer, server.mails.recv()).await.unwrap();
    assert!(mail.starts_with("RCPT TO:<mail@xn--bcher-kva.example>"), "{mail}");
    assert!(mail.contains("@xn--lm-wka.test>\r\n") && mail.is_ascii(), "{mail}");
}

#[testkit::test]
async fn letters_before_the_at_go_where_the_server_takes_them_and_fail_clearly_elsewhere(pool: PgPool) {
    invite(&pool, "ZO", "zoë@example.com").await;
    invite(&pool, "MO", "mia@example.com").await;
    let mut server = mail_server(Behavior::default()).await;
    let sender = mailer(&server, "mail@elm.test");
    let both = async { (outcome(&pool, "zoë@example.com").await, server.mails.recv().await.unwrap()) };
    let ((state, error, attempts), other) = work_until(&pool, sender, both).await;
    assert_eq!((state.as_str(), attempts), ("failed", 1));
    assert!(error.contains("before the @") && other.contains("mia@example.com"), "{error}");
    assert!(server.asked.lock().unwrap().iter().all(|line| !line.contains("zo")));

    query("update message_copy set state = 'queued', due_at = now() where state = 'failed'")
        .execute(&pool)
        .await
        .unwrap();
    let mut server = mail_server(Behavior { smtp_utf8: true, ..Behavior::default() }).await;
    let sender = mailer(&server, "mail@elm.test");
    let mail = work_until(&pool, sender, server.mails.recv()).await.unwrap();
    assert!(mail.starts_with("RCPT TO:<zoë@example.com>"), "{mail}");
}

#[testkit::test]
async fn without_smtp_mail_is_kept(pool: PgPool) {
    invited(&pool).await;
    let kept = async {
        while query_as::<_, (String,)>("select state from message_copy where state = 'kept'")
            .fetch_optional(&pool)
            .await
            .unwrap()
            .is_none()
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    work_until(&pool, None, kept).await;
    assert!(copy(&pool).await.1.contains("https://k.test/claim/s3cret"));
}

/// Mia, whose parent Ana gets copies, with an appointment that both are told of.
async fn told_of_an_appointment(pool: &PgPool) {
    sqlx::raw_sql(
        "update practice set name = 'Elm';
         insert into location (id, name, zone, address) values ('00000000-0000-7000-8000-000000000001', 'Main', 'America/Vancouver', '12 King Street');
         insert into service (id, name, duration_minutes) values ('00000000-0000-7000-8000-000000000002', 'Secret therapy', 50);
         insert into staff_member (id, first_name, last_name, email, roles)
             values ('00000000-0000-7000-8000-000000000003', 'Priya', 'P', 'priya@elm.test', '{practitioner}');
         insert into client (id, kind, code, first_name, last_name, zone, email, email_consent) values
             ('00000000-0000-7000-8000-000000000004', 'individual', 'MIA', 'Mia', 'Okafor', 'UTC', 'mia@example.com', true),
             ('00000000-0000-7000-8000-000000000005', 'individual', 'ANA', 'Ana', 'Okafor', 'UTC', 'ana@example.com', true);
         insert into client_link (id, client_low, client_high, low_label, high_label, high_gets_copies) values
             (gen_random_uuid(), '00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000005', 'child', 'parent', true);
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                            price_cents, request_key, booked_by)
             values ('00000000-0000-7000-8000-000000000006', '00000000-0000-7000-8000-000000000002',
                     '00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001',
                     '00000000-0000-7000-8000-000000000004', '2030-12-02T22:00:00Z', '2030-12-02T22:50:00Z',
                     'America/Vancouver', 0, 0, gen_random_uuid(), '00000000-0000-7000-8000-000000000004');
         -- The database's own rules of Vancouver may be older than ours.
         update appointment set starts_local = '2030-12-02 15:00'",
    )
    .execute(pool)
    .await
    .unwrap();
    tell(pool, "confirmation", 1).await;
}

async fn tell(pool: &PgPool, kind: &str, version: i32) {
    let sql = "insert into message (id, kind, appointment_id, participant_id, subject_version)
               select gen_random_uuid(), $1, appointment_id, id, $2 from appointment_participant";
    query(sql).bind(kind).bind(version).execute(pool).await.unwrap();
}

/// The types of the parts of a mail, in order.
fn types(mail: &str) -> Vec<&str> {
    let lines = mail.lines().filter_map(|line| line.strip_prefix("Content-Type: "));
    lines.map(|kind| kind.split(" boundary=").next().unwrap().trim_end_matches(';')).collect()
}

/// A part that is sent in base64, as it was before; its headers are this line and others.
fn part(mail: &str, header: &str) -> String {
    let (_, rest) = mail.split_once(header).unwrap_or_else(|| panic!("{header} in {mail}"));
    let (_, body) = rest.split_once("\r\n\r\n").unwrap();
    let body = body.split("\r\n--").next().unwrap().replace("\r\n", "");
    String::from_utf8(BASE64_STANDARD.decode(body).unwrap()).unwrap()
}

/// The mails that arrive next to Ana and to Mia.
async fn both(pool: &PgPool, server: &mut Server, mailer: Option<Mailer>) -> (String, String) {
    let arrive = async { [server.mails.recv().await.unwrap(), server.mails.recv().await.unwrap()] };
    let [one, other] = work_until(pool, mailer, arrive).await;
    if one.contains("To: ana@example.com") { (one, other) } else { (other, one) }
}

#[testkit::test]
async fn a_mail_of_an_appointment_brings_it_into_the_recipients_calendar_and_out_again(pool: PgPool) {
    told_of_an_appointment(&pool).await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "Elm Clinic <mail@elm.test>");
    let (ana, mia) = both(&pool, &mut server, mailer.clone()).await;
    for (mail, attendee, summary) in
        [(&mia, "mia@example.com", "Appointment\\, Elm"), (&ana, "ana@example.com", "Appointment for Mia\\, Elm")]
    {
        assert_eq!(
            types(mail),
            [
                "multipart/mixed",
                "multipart/alternative",
                "text/plain; charset=utf-8",
                "text/html; charset=utf-8",
                "text/calendar; charset=utf-8; method=REQUEST",
                "application/ics; name=\"invite.ics\""
            ]
        );
        let file = part(mail, "Content-Type: text/calendar; charset=utf-8; method=REQUEST");
        assert_eq!(file, part(mail, "Content-Type: application/ics"), "the attachment is the same file");
        assert!(mail.contains("Content-Disposition: attachment; filename=\"invite.ics\""), "{mail}");
        let lines: Vec<String> = file.replace("\r\n ", "").lines().map(str::to_owned).collect();
        for line in [
            "METHOD:REQUEST",
            "UID:00000000-0000-7000-8000-000000000006@k.test",
            "SEQUENCE:2",
            "STATUS:CONFIRMED",
            "DTSTART;TZID=America/Vancouver:20301202T150000",
            "LOCATION:Main\\, 12 King Street",
            "ORGANIZER;CN=\"Elm\":mailto:mail@elm.test",
            &format!("ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{attendee}"),
            &format!("SUMMARY:{summary}"),
        ] {
            assert!(lines.iter().any(|one| one == line), "{line} in {file}");
        }
        assert_eq!(file.matches("mailto:").count(), 2, "no one else is named");
        for hidden in ["Okafor", "Priya", "Secret therapy", "VALARM"] {
            assert!(!file.contains(hidden), "{hidden}");
        }
    }

    sqlx::raw_sql(
        "update appointment_participant set status = 'cancelled', cancelled_at = now();
         update appointment set status = 'cancelled', cancelled_at = now(), version = 2",
    )
    .execute(&pool)
    .await
    .unwrap();
    tell(&pool, "cancellation", 2).await;
    let (ana, mia) = both(&pool, &mut server, mailer).await;
    for mail in [ana, mia] {
        let file = part(&mail, "Content-Type: text/calendar; charset=utf-8; method=CANCEL");
        assert_eq!(file, part(&mail, "Content-Type: application/ics"));
        for line in
            ["METHOD:CANCEL", "STATUS:CANCELLED", "SEQUENCE:5", "UID:00000000-0000-7000-8000-000000000006@k.test"]
        {
            assert!(file.lines().any(|one| one == line), "{line} in {file}");
        }
    }
}

#[testkit::test]
async fn a_mail_that_is_of_no_appointment_has_no_calendar_file(pool: PgPool) {
    invited(&pool).await;
    let mut server = mail_server(Behavior::default()).await;
    let mailer = mailer(&server, "mail@elm.test");
    let mail = work_until(&pool, mailer, server.mails.recv()).await.unwrap();
    assert_eq!(types(&mail), ["multipart/alternative", "text/plain; charset=utf-8", "text/html; charset=utf-8"]);
}

/// A confirmation to Mia, who gets mail.
pub async fn confirmed(pool: &PgPool) {
    let id = db::new_id();
    query(
        "with s as (insert into service (id, name, duration_minutes) values ($1, 'Physio', 50) returning id),
              p as (insert into staff_member (id, first_name, last_name, email, roles) values ($1, 'Sam', 'Chen', 'sam@elm.test', '{practitioner}') returning id),
              l as (insert into location (id, name, zone) values ($1, 'Main', 'America/Toronto') returning id),
              c as (insert into client (id, kind, code, first_name, last_name, zone, email, email_consent)
                    values ($1, 'individual', 'MIA1', 'Mia', 'Test', 'America/Toronto', 'mia@example.com', true) returning id)
         insert into visit (id, service_id, practitioner_id, location_id, client_id, starts_at, ends_at, zone, buffer_minutes,
                            price_cents, request_key, booked_by)
         select $1, s.id, p.id, l.id, c.id, now() + interval '3 days', now() + interval '3 days 50 minutes', 'America/Toronto',
                0, 0, $1, c.id from s, p, l, c",
    )
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
    query(
        "insert into message (id, kind, appointment_id, participant_id, subject_version)
         select $1, 'confirmation', $2, id, 1 from appointment_participant where appointment_id = $2",
    )
    .bind(db::new_id())
    .bind(id)
    .execute(pool)
    .await
    .unwrap();
}

#[testkit::test]
async fn mail_that_needs_consent_is_ended_by_one_click_and_its_page_changes_nothing(pool: PgPool) {
    confirmed(&pool).await;
    let mut server = mail_server(Behavior::default()).await;
    let mail = work_until(&pool, mailer(&server, "mail@elm.test"), server.mails.recv()).await.unwrap();
    assert!(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{mail}");
    let unfolded = mail.replace("\r\n ", " ");
    let header = unfolded.lines().find(|line| line.starts_with("List-Unsubscribe: ")).unwrap();
    let link = header.trim_start_matches("List-Unsubscribe: ").trim().trim_matches(['<', '>']);
    let path = link.strip_prefix("https://k.test").unwrap();
    let consent =
        async || -> bool { sqlx::query_scalar("select email_consent from client").fetch_one(&pool).await.unwrap() };
    let site = crate::support::site(pool.clone());
    let page = testkit::Session::new(&site, "").get(path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Unsubscribe") && !page.body.contains("Mia") && consent().await);
    // As mail programs post it: from elsewhere, without a session.
    let post = async |path: &str, body: &'static str| {
        let request = axum::http::Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(axum::body::Body::from(body))
            .unwrap();
        tower::ServiceExt::oneshot(site.clone(), request).await.unwrap().status().as_u16()
    };
    assert_eq!(post("/unsubscribe/nothing", "List-Unsubscribe=One-Click").await, 410);
    assert!(consent().await);
    let multipart = axum::http::Request::post(path)
        .header("content-type", "multipart/form-data; boundary=x")
        .body(axum::body::Body::from(
            "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n",
        ))
        .unwrap();
    let answer = tower::ServiceExt::oneshot(site.clone(), multipart).await.unwrap();
    assert!(answer.status() == 200 && !consent().await);
    assert_eq!(post(path, "List-Unsubscribe=One-Click").await, 200, "twice is as once");
}
